"""When Stripe is away for hours or refuses: nothing that was used is lost, and it is told apart what happened."""

from __future__ import annotations

from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import func, select, update

from app.billing import gateway, rules, words
from app.billing.models import StripeEvent, UsageReport
from app.billing.service import hearing, metering
from app.kernel import clock, outbox
from app.kernel.db import atomic, db
from app.kernel.errors import HeedError
from app.kernel.ids import new_id
from app.kernel.outbox_model import OutboxRow
from tests.billing.conftest import make_customer
from tests.billing.test_limits import use
from tests.billing.test_webhook import send
from tests.cast import Cast
from tests.fakes.stripe_server import StripeServer

HOME = "settings/billing/"
pytestmark = pytest.mark.usefixtures("fresh_prices")


@pytest.fixture
def customer(payer: Cast, metered: StripeServer, later: Any) -> str:
    """The tenant as one that pays, on the tenth of a month."""
    later(days=(rules.next_month(rules.month_of(clock.now())) - clock.now().date()).days + 9)
    made = make_customer(payer, metered, "team")
    with payer.scope():
        hearing.sync_subscription()
    return made


def drain(cast: Cast) -> None:
    """Run what is due, whatever becomes of it."""
    while outbox.drain_place(cast.tenant_id, float("inf")):
        pass


def told(account: StripeServer, customer: str) -> list[str]:
    rows = [row["payload"] for row in account.meter_events.values()]
    return [row["value"] for row in rows if row["stripe_customer_id"] == customer]


def planned(cast: Cast) -> dict[str, int]:
    """How many jobs of each event are to come."""
    count = select(OutboxRow.event, func.count()).where(OutboxRow.done_at.is_(None), OutboxRow.dead_at.is_(None))
    with cast.scope():
        return {row[0]: row[1] for row in db.session.execute(count.group_by(OutboxRow.event))}


def test_after_a_night_without_stripe_all_goes_on(
    payer: Cast, customer: str, metered: StripeServer, later: Any
) -> None:
    use(payer, 3)
    gateway._prices.clear()
    with payer.scope(), atomic() as session:
        session.execute(update(OutboxRow).values(attempts=outbox.MOST_ATTEMPTS - 1))
    metered.fail |= {"prices": "500", "subscriptions": "500"}
    later(days=1, minutes=2)
    drain(payer)
    assert planned(payer) == {"DayWentBy": 1}, "both were given up, and the next day is planned"
    metered.fail.clear()
    later(days=1, minutes=2)
    drain(payer)
    assert told(metered, customer) == ["3"]
    use(payer, 2)
    later(minutes=62)
    drain(payer)
    assert told(metered, customer) == ["3", "2"]
    assert planned(payer) == {"DayWentBy": 1, "UsageBegan": 1}


def test_what_is_left_of_the_month_before_is_told_as_well(
    payer: Cast, customer: str, metered: StripeServer, later: Any
) -> None:
    use(payer, 3)
    with payer.scope(), atomic() as session:
        session.execute(update(OutboxRow).where(OutboxRow.event == "UsageBegan").values(dead_at=OutboxRow.created_at))
    later(days=25)
    drain(payer)
    assert told(metered, customer) == ["3"]


def test_a_report_that_is_refused_for_good_holds_up_no_other(
    payer: Cast, customer: str, metered: StripeServer, later: Any
) -> None:
    for number in (3, 2, 1):
        use(payer, number)
        later(minutes=61)
        with payer.scope():
            metering.report_usage("responses", rules.month_of(clock.now()))
    with payer.scope():
        first, *_others = [str(found) for found in db.session.scalars(select(UsageReport.id).order_by(UsageReport.id))]
        metered.refused = {first}
        with pytest.raises(HeedError):
            metering.send_unsent_reports()
    assert told(metered, customer) == ["2", "1"]


# --- what the pages say, and where they lead ---


PAGES = (("500", "Stripe does not answer at the moment."), ("400", "Stripe refuses what Heed asks of it."))


@pytest.mark.parametrize(("fault", "sentence"), PAGES)
def test_a_refusal_is_no_outage_and_both_leave_a_trace(
    payer: Cast, account: StripeServer, caplog: pytest.LogCaptureFixture, fault: str, sentence: str
) -> None:
    make_customer(payer, account, "team")
    account.fail |= {"prices": fault, "invoices": fault, "billing_portal": fault}
    client = payer.client("alice")
    for page in (client.get(HOME).text, client.get(HOME + "invoices").text):
        assert [said for _fault, said in PAGES if said in page] == [sentence]
    account.fail = {"billing_portal": fault}
    assert client.post(HOME + "portal").status_code == 303
    assert ("Stripe refused this" in client.get(HOME).text) == (fault == "400")
    traces = [row.getMessage() for row in caplog.records if row.name == "app.billing.gateway"]
    code = "None" if fault == "500" else "resource_missing"
    assert len(traces) == 3 and all(f"{fault}, code {code}, request req_1" in trace for trace in traces), traces


def test_two_plans_of_one_page_can_both_be_looked_at(payer: Cast, account: StripeServer) -> None:
    client, attempt = payer.client("alice"), str(new_id())
    for plan in ("team", "business"):
        where = client.post(HOME + "plan", {"plan": plan, "attempt": attempt}).location
        [line] = account.sessions[where.rpartition("/")[2]]["lines"]
        assert line["price"] == f"price_heed_{plan}"


def test_the_way_back_is_the_address_of_the_installation(payer: Cast, account: StripeServer) -> None:
    make_customer(payer, account)
    client, back = payer.client("alice"), f"http://heed.test/t/{payer.slug}/{HOME}"
    bought = client.post(HOME + "plan", {"plan": "team", "attempt": str(new_id())}).location
    given = account.sessions[bought.rpartition("/")[2]]["given"]
    assert (given["success_url"], given["cancel_url"]) == (f"{back}?paid=1", back)
    looked = client.post(HOME + "portal").location
    assert account.sessions[looked.rpartition("/")[2]]["given"]["return_url"] == back


AMOUNTS = [
    (4900, "eur", "€49.00"),
    (500, "jpy", "¥500"),
    (1500, "vnd", "₫1,500"),
    (500, "isk", "ISK5"),
    (500, "ugx", "UGX5"),
    (1050, "rsd", "RSD10.50"),
    (1000, "rsd", "RSD10"),
    (123456, "huf", "HUF1,234.56"),
    (5120, "kwd", "KWD5.120"),
]


@pytest.mark.parametrize(("amount", "currency", "text"), AMOUNTS)
def test_an_amount_is_read_as_stripe_counts_it(billing_app: OpenAPI, amount: int, currency: str, text: str) -> None:
    with billing_app.test_request_context():
        assert words.money(amount, currency) == text


def test_drafts_are_no_page_of_their_own(payer: Cast, account: StripeServer) -> None:
    customer = make_customer(payer, account)
    account.bill(customer, "HEED-OLD")
    for number in range(30):
        account.bill(customer, f"DRAFT-{number}", status="draft")
    page = payer.client("alice").get(HOME + "invoices").text
    assert "HEED-OLD" in page and "DRAFT" not in page


def test_what_was_heard_long_ago_is_forgotten(payer: Cast, customer: str, metered: StripeServer, later: Any) -> None:
    for days in (0, 60, 31):
        later(days=days)
        send(payer, metered.event("invoice.paid", {"object": "invoice", "customer": customer}))
        payer.run_jobs()
    later(days=1, minutes=1)
    payer.run_jobs()
    with payer.scope():
        assert db.session.query(StripeEvent).count() == 2
