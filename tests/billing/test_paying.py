"""Towards Stripe, and what becomes of a tenant that does not pay: bought once, changed, ended, unpaid, paid again."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask_openapi3 import OpenAPI
from werkzeug.test import TestResponse

from app.billing import gateway, queries, rules
from app.billing.commands import billing
from app.billing.models import UsageReport
from app.billing.service import hearing, metering
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Conflict
from app.kernel.outbox_model import OutboxRow
from app.surveys.outreach.models import Invitation
from app.tenants.access import access_of
from app.tenants.models import AuditEvent
from tests.billing.conftest import make_customer, make_free, set_subscription, subscription
from tests.billing.test_limits import _ask_by_mail, _interact, fill, use
from tests.billing.test_webhook import about, send
from tests.cast import Cast, make_cast
from tests.factories.answering import make_passer_by
from tests.fakes.stripe_server import StripeServer
from tests.house.probes import routes
from tests.queries import count_queries
from tests.smtp import Server, part

HOME = "settings/billing/"
pytestmark = pytest.mark.usefixtures("fresh_prices")


def choose(cast: Cast, plan: str, attempt: str | None = None, who: str = "alice") -> TestResponse:
    return cast.client(who).post(HOME + "plan", {"plan": plan, "attempt": attempt or str(uuid.uuid4())})


def act(cast: Cast, what: str) -> str:
    """Press a button; returns the page that follows."""
    client = cast.client("alice")
    assert client.post(HOME + what, {"attempt": str(uuid.uuid4())}).status_code == 303
    return client.get(HOME).text


def test_a_plan_is_bought_on_a_page_of_stripe_s(payer: Cast, account: StripeServer) -> None:
    answer = choose(payer, "team")
    assert answer.status_code == 303
    assert answer.location.startswith(f"{account.url}/pay/")
    session = answer.location.rpartition("/")[2]
    given = account.sessions[session]["given"]
    assert given["customer"] == subscription(payer).stripe_customer_id
    assert account.customers[given["customer"]]["metadata"] == {"tenant_id": str(payer.tenant_id)}
    ends = subscription(payer).trial_ends_at
    assert given["subscription_data"] == {"trial_end": str(int(ends.timestamp()))}, (
        "what is left of the trial stays free"
    )
    account.finish_checkout(session)
    send(
        payer,
        account.event("checkout.session.completed", {"object": "checkout.session", "customer": given["customer"]}),
    )
    payer.run_jobs()
    row = subscription(payer)
    assert (row.status, row.plan) == ("trialing", "team")
    assert "Team plan, 0 of 1,000 answers this month, renews on" in payer.client("alice").get(HOME).text


def test_a_form_sent_twice_buys_once(payer: Cast, account: StripeServer) -> None:
    attempt = str(uuid.uuid4())
    first, second = choose(payer, "team", attempt), choose(payer, "team", attempt)
    assert first.location == second.location
    assert choose(payer, "team").location != first.location
    mine = [one for one in account.customers.values() if one["metadata"]["tenant_id"] == str(payer.tenant_id)]
    assert len(mine) == 1


def test_what_is_used_is_bought_with_it_where_it_has_a_price(payer: Cast, metered: StripeServer) -> None:
    account = metered
    session = choose(payer, "business").location.rpartition("/")[2]
    lines = account.sessions[session]["lines"]
    assert [line["price"] for line in lines] == ["price_heed_business", "price_heed_responses", "price_heed_messages"]
    assert [line.get("quantity") for line in lines] == ["1", None, None]


def test_an_upgrade_is_charged_at_once_and_a_smaller_plan_is_a_credit(payer: Cast, account: StripeServer) -> None:
    customer = make_customer(payer, account, "team")
    with payer.scope():
        hearing.sync_subscription()
    assert choose(payer, "business").location.endswith(HOME)
    assert subscription(payer).plan == "business"
    asked = about(account, customer)["asked"]
    assert (asked["proration_behavior"], asked["payment_behavior"]) == ("always_invoice", "error_if_incomplete")
    choose(payer, "team")
    assert about(account, customer)["asked"]["proration_behavior"] == "create_prorations"
    with payer.scope():
        rows = db.session.query(AuditEvent).filter_by(action="subscription.changed").order_by(AuditEvent.id)
        assert [(row.actor_kind, row.after["plan"]) for row in rows][1:] == [("user", "business"), ("user", "team")]


def test_a_card_that_is_refused_changes_nothing_and_says_why(payer: Cast, account: StripeServer) -> None:
    make_customer(payer, account, "team")
    with payer.scope():
        hearing.sync_subscription()
    account.fail["subscriptions/"] = "card"
    client = payer.client("alice")
    client.post(HOME + "plan", {"plan": "business", "attempt": str(uuid.uuid4())})
    assert "Your card has expired." in client.get(HOME).text
    assert subscription(payer).plan == "team"


def test_a_change_that_was_done_and_not_answered_is_found(payer: Cast, account: StripeServer) -> None:
    """Stripe has done it and failed to say so: the same form again does it once, and what Stripe says is kept."""
    customer = make_customer(payer, account, "team")
    with payer.scope():
        hearing.sync_subscription()
    attempt = str(uuid.uuid4())
    account.fail["subscriptions/"] = "after"
    client = payer.client("alice")
    client.post(HOME + "plan", {"plan": "business", "attempt": attempt})
    assert "Stripe does not answer at the moment." in client.get(HOME).text
    account.fail.clear()
    choose(payer, "business", attempt)
    assert subscription(payer).plan == "business"
    assert about(account, customer)["items"]["data"][0]["price"]["lookup_key"] == "heed_business"


def test_it_is_cancelled_and_goes_on(payer: Cast, account: StripeServer) -> None:
    make_customer(payer, account, "team")
    with payer.scope():
        hearing.sync_subscription()
    assert "cancelled, and ends on" in act(payer, "cancellation")
    assert subscription(payer).ends_at is not None
    assert "renews on" in act(payer, "continuation")


def test_one_is_sent_to_stripe_s_pages_only(payer: Cast, account: StripeServer) -> None:
    make_customer(payer, account, "team")
    real = account.url
    assert payer.client("alice").post(HOME + "portal").location.startswith(f"{real}/portal/")
    account.url = "https://evil.example"
    try:
        assert payer.client("alice").post(HOME + "portal").location.endswith(HOME)
    finally:
        account.url = real


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://checkout.stripe.com/c/pay/cs_1", True),
        ("http://checkout.stripe.com/c/pay/cs_1", False),
        ("https://checkout.stripe.com.evil.example/", False),
        ("https://checkout.stripe.com@evil.example/", False),
        ("https://evil.example/checkout.stripe.com", False),
        ("javascript:alert(1)", False),
        ("//checkout.stripe.com/x", False),
        ("https://[", False),
        ("", False),
        (None, False),
    ],
)
def test_which_addresses_are_stripe_s(url: str | None, is_safe: bool) -> None:
    assert (rules.safe_url(url, gateway.STRIPE, ("checkout.stripe.com",)) is not None) == is_safe


@pytest.mark.parametrize("form", [{}, {"attempt": "x"}, {"attempt": "\0"}, {"plan": "team"}])
def test_a_form_without_its_key_is_refused(payer: Cast, account: StripeServer, form: dict[str, str]) -> None:
    make_customer(payer, account, "team")
    with payer.scope():
        hearing.sync_subscription()
    assert payer.client("alice").post(HOME + "plan", form).status_code == 400


@pytest.mark.parametrize("plan", ["", "free", "self_hosted", "enterprise", "team' --"])
def test_only_plans_with_a_price_are_sold(payer: Cast, account: StripeServer, plan: str) -> None:
    assert choose(payer, plan).status_code == 404


def test_strangers_and_colleagues_find_nothing(billing_app: OpenAPI, payer: Cast, account: StripeServer) -> None:
    others = make_cast(billing_app, admin="charlie")
    for path in (HOME, HOME + "invoices"):
        assert payer.client("bob").get(path).status_code == 403
        assert payer.client("pat").get(path).status_code == 403
        assert others.client("charlie").get(f"/t/{payer.slug}/{path}").status_code == 404
    for path in ("plan", "portal", "cancellation", "continuation"):
        assert payer.client("bob").post(HOME + path).status_code == 403
        assert others.client("charlie").post(f"/t/{payer.slug}/{HOME}{path}").status_code == 404


def test_without_a_key_there_is_no_page_and_no_word_of_it(cast: Cast) -> None:
    assert cast.client("alice").get(HOME).status_code == 404
    assert "Billing" not in cast.client("alice").get("settings/").text


# --- invoices ---


def test_the_bills_are_paged_and_lead_to_stripe(payer: Cast, account: StripeServer) -> None:
    customer = make_customer(payer, account, "team")
    for number in range(30):
        account.bill(customer, f"HEED-{number:04}")
    account.bill(customer, "BAD-1", hosted_invoice_url="https://evil.example/pay", status="open")
    account.bill("cus_of_others", "THEIRS-1")
    first = payer.client("alice").get(HOME + "invoices").text
    assert f'href="{account.url}/invoice/HEED-0029"' in first
    assert "BAD-1" in first and "evil.example" not in first, "it is listed, and leads nowhere"
    assert "€49.00" in first
    after = first.partition("after=")[2].partition('"')[0]
    second = payer.client("alice").get(f"{HOME}invoices?after={after}").text
    numbers = [text for text in (first, second) for text in text.split() if "HEED-" in text]
    assert "HEED-0000" in second and "HEED-0029" not in second and numbers
    assert "THEIRS" not in first + second


@pytest.mark.parametrize("after", ["", "x y", "in_nobody", "\0", "%27"])
def test_a_bad_place_in_the_bills_is_the_first_page(payer: Cast, account: StripeServer, after: str) -> None:
    account.bill(make_customer(payer, account), "HEED-1")
    assert "HEED-1" in payer.client("alice").get(HOME + "invoices", query_string={"after": after}).text


def test_stripe_away_is_said_and_the_rest_stands(payer: Cast, account: StripeServer) -> None:
    make_customer(payer, account, "team")
    account.fail |= {"prices": "500", "invoices": "500", "checkout": "500", "billing_portal": "500"}
    for path in (HOME, HOME + "invoices"):
        answer = payer.client("alice").get(path)
        assert (answer.status_code, "Stripe does not answer" in answer.text) == (200, True)
    assert "0 of 10,000" in payer.client("alice").get(HOME).text
    assert payer.client("alice").post(HOME + "portal").status_code == 303


def test_the_page_costs_few_statements(payer: Cast, account: StripeServer) -> None:
    make_customer(payer, account, "team")
    client = payer.client("alice")
    client.get(HOME)
    with count_queries() as statements:
        client.get(HOME)
    assert len(statements) <= 8, statements


# --- usage ---


def told(account: StripeServer, customer: str) -> list[tuple[str, str]]:
    rows = account.meter_events.values()
    return [
        (row["event_name"], row["payload"]["value"]) for row in rows if row["payload"]["stripe_customer_id"] == customer
    ]


def test_what_is_used_is_told_once(payer: Cast, metered: StripeServer, later: Any) -> None:
    account = metered
    customer = make_customer(payer, account, "team")
    with payer.scope():
        hearing.sync_subscription()
    use(payer, 3)
    payer.run_jobs()
    assert told(account, customer) == [], "an hour is collected first"
    later(minutes=61)
    payer.run_jobs()
    assert told(account, customer) == [("heed_responses", "3")]
    later(minutes=61)
    payer.run_jobs()
    use(payer, 2)
    later(minutes=61)
    payer.run_jobs()
    assert told(account, customer) == [("heed_responses", "3"), ("heed_responses", "2")]
    with payer.scope():
        month = clock.now().date().replace(day=1)
        metering.report_usage("responses", month)
        metering.report_usage("responses", month)
        assert db.session.query(UsageReport).count() == 2
        waiting = db.session.query(OutboxRow).filter_by(event="UsageBegan", done_at=None).all()
        assert [row.payload["kind"] for row in waiting] == ["responses"], "the next look is planned once"


def test_a_report_that_arrived_unheard_goes_again_and_counts_once(
    payer: Cast, metered: StripeServer, later: Any
) -> None:
    account = metered
    customer = make_customer(payer, account, "team")
    with payer.scope():
        hearing.sync_subscription()
    use(payer, 3)
    account.fail["billing/meter_events"] = "after"
    later(minutes=61)
    with pytest.raises(AssertionError, match="StripeAway"):
        payer.run_jobs()
    with payer.scope():
        assert [row.sent_at for row in queries.list_unsent_reports()] == [None]
    account.fail.clear()
    later(minutes=1)
    payer.run_jobs()
    assert told(account, customer) == [("heed_responses", "3")]
    assert account.calls.count(("POST", "billing/meter_events")) == 2
    with payer.scope():
        assert queries.list_unsent_reports() == []


def test_what_was_used_before_paying_is_never_told(payer: Cast, metered: StripeServer, later: Any) -> None:
    account = metered
    use(payer, 4)
    customer = make_customer(payer, account, "team")
    with payer.scope():
        hearing.sync_subscription()
    use(payer, 1)
    later(minutes=122)
    payer.run_jobs()
    assert told(account, customer) == [("heed_responses", "1")]


def test_what_has_no_price_is_not_told(payer: Cast, account: StripeServer, later: Any) -> None:
    customer = make_customer(payer, account, "team")
    with payer.scope():
        hearing.sync_subscription()
    use(payer, 1)
    later(minutes=61)
    payer.run_jobs()
    assert told(account, customer) == []


def test_answers_that_an_upgrade_lets_count_are_told_as_well(payer: Cast, metered: StripeServer, later: Any) -> None:
    """Also those of a month that is over and looked at no more."""
    make_free(payer)
    fill(payer)
    use(payer, 2)
    later(days=40)
    payer.run_jobs()
    customer = make_customer(payer, metered, "team")
    with payer.scope():
        hearing.sync_subscription()
    payer.run_jobs()
    assert told(metered, customer) == [("heed_responses", "2")]


# --- the command ---


def test_sync_makes_good_for_webhooks_that_were_lost(
    billing_app: OpenAPI, payer: Cast, metered: StripeServer, later: Any
) -> None:
    CliRunner().invoke(billing, ["sync"])  # the reports that tenants of other tests have left
    customer = make_customer(payer, metered, "team")
    others = make_cast(billing_app, admin="charlie")
    make_customer(others, metered, "business")
    run = CliRunner().invoke(billing, ["sync", "--tenant", payer.slug, "--json"])
    assert (run.exit_code, json.loads(run.stdout)) == (0, {"tenants": 1, "reports": 0, "failed": []})
    assert (subscription(payer).plan, subscription(others).plan) == ("team", None)
    use(payer, 3)
    metered.fail["billing/meter_events"] = "500"
    later(minutes=61)
    with pytest.raises(AssertionError, match="StripeAway"):
        payer.run_jobs()
    metered.fail.clear()
    for reports in ("1", "0"):
        run = CliRunner().invoke(billing, ["sync"])
        assert (run.exit_code, f"{reports} reports were sent" in run.stdout) == (0, True)
    assert told(metered, customer) == [("heed_responses", "3")]
    assert subscription(others).plan == "business"


def test_sync_names_whom_it_could_not_ask_about(payer: Cast, account: StripeServer) -> None:
    make_customer(payer, account, "team")
    account.fail["subscriptions"] = "500"
    run = CliRunner().invoke(billing, ["sync", "--tenant", payer.slug])
    assert isinstance(run.exception, Conflict)
    assert str(payer.tenant_id) in str(run.exception)


def test_sync_is_refused_where_nobody_pays(cast: Cast) -> None:
    run = CliRunner().invoke(billing, ["sync"])
    assert isinstance(run.exception, Conflict)


# --- unpaid ---


def owe(cast: Cast, days: int) -> None:
    set_subscription(cast, status="past_due", past_due_since=clock.now() - timedelta(days=days))


def state(cast: Cast) -> str:
    with cast.scope():
        return queries.standing().state


@pytest.mark.parametrize(("days", "expected"), [(0, "grace"), (13, "grace"), (14, "read_only"), (90, "read_only")])
def test_fourteen_days_of_grace(payer: Cast, days: int, expected: str) -> None:
    owe(payer, days)
    assert state(payer) == expected


def test_nothing_stops_in_the_grace_and_the_admins_are_told(payer: Cast) -> None:
    owe(payer, 3)
    assert payer.client("alice").post("settings/team/invites", {}).status_code == 422, "refused for the form alone"
    assert "The last invoice is unpaid." in payer.client("alice").get("").text
    assert "invoice" not in payer.client("bob").get("").text


def test_read_only_says_so_to_everybody_who_works_here(payer: Cast) -> None:
    owe(payer, 15)
    for name in ("alice", "bob", "dana"):
        assert "Read-only: the last invoice is unpaid." in payer.client(name).get("").text
    assert "invoice" not in payer.client("pat").get("partner/").text


OPEN_FORMS = {
    *("billing.cancel", "billing.choose", "billing.portal", "billing.resume"),
    "audit.take_out",
    *("data.ask", "data.cancel", "data.take", "departing.ask", "departing.keep"),
}
OPEN_MACHINES = {
    "api_customers.post_customer",
    "api_interactions.post_interaction",
    "api_interactions.post_interactions",
    "api_responses.post_response",
    "api_responses.post_responses",
}


def test_which_ways_stay_open_is_known_of_every_route(billing_app: OpenAPI, payer: Cast) -> None:
    """From the URL map: whoever adds a way to write is asked here whether it stays open to those who owe."""
    owe(payer, 15)
    open_forms, open_machines = set(), set()
    for rule, method in routes(billing_app):
        access = access_of(billing_app.view_functions[rule.endpoint])
        assert access is not None
        if method in ("GET", "HEAD") or access.kind not in ("member", "api") or access.name == "portal":
            continue
        parts = {name: _example_of(converter) for name, converter in rule._converters.items()} | {"tenant": payer.slug}
        path = rule.build(parts)[1]
        if access.kind == "member":
            if payer.client("alice").post(path).status_code != 402:
                open_forms.add(rule.endpoint)
        elif payer.api().call(method, path.removeprefix("/api/v1/"), {}).status_code != 402:
            open_machines.add(rule.endpoint)
    assert open_forms == OPEN_FORMS
    assert open_machines == OPEN_MACHINES


def _example_of(converter: Any) -> Any:
    name = type(converter).__name__
    return uuid.uuid4() if name == "UUIDConverter" else 1 if name == "IntegerConverter" else "some"


def test_people_can_look_pay_and_leave(payer: Cast, account: StripeServer) -> None:
    make_customer(payer, account)
    owe(payer, 15)
    client = payer.client("alice")
    for path in ("", "cases/", "responses/", "figures/", HOME, HOME + "invoices", "settings/audit"):
        assert client.get(path).status_code == 200, path
    assert client.post(HOME + "portal").location.startswith(account.url)
    assert payer.api().get("cases").status_code == 200
    assert client.post("/sign-out").status_code == 303


def test_a_refusal_says_why_and_what_to_do(payer: Cast) -> None:
    owe(payer, 15)
    page = payer.client("bob").post("customers/" + str(uuid.uuid4()) + "/suppression")
    assert "Your last invoice is still unpaid" in page.text or page.status_code == 404
    refused = payer.client("alice").post("settings/", {})
    assert (refused.status_code, "Your last invoice is still unpaid" in refused.text) == (402, True)
    problem = payer.api().put("departments/care", {"name": "Care", "layer": "frontline"})
    assert (problem.status_code, problem.mimetype) == (402, "application/problem+json")
    assert "unpaid" in problem.get_json()["detail"]


def test_answers_keep_coming_in(payer: Cast) -> None:
    passer_by = make_passer_by(payer)
    owe(payer, 15)
    assert (
        passer_by.ask("", {"answers": {"nps": 0}, "complete": True, "key": "a-browser-of-a-customer"}).status_code
        == 201
    )
    use(payer, 1)
    payer.run_jobs()
    assert payer.api().get("cases").get_json()["data"], "and the unhappy still get their case"


def test_a_card_that_expires_in_the_middle_of_a_send_loses_nothing(
    payer: Cast, account: StripeServer, letters: Server
) -> None:
    """What is being handed over goes out, the rest is held back with its reason, and goes out once it is paid."""
    customer = make_customer(payer, account, "team")
    with payer.scope():
        hearing.sync_subscription()
    touchpoint = _ask_by_mail(payer)
    _interact(payer, touchpoint, 1)
    payer.run_jobs()
    set_subscription(payer, status="past_due", past_due_since=clock.now() - timedelta(days=15))
    for number in (2, 3):
        _interact(payer, touchpoint, number)
    payer.run_jobs()
    assert letters.recipients == ["ana1@example.com"]
    with payer.scope():
        held = db.session.scalars(db.select(Invitation).where(Invitation.status == "scheduled")).all()
        assert [row.status_reason for row in held] == ["unpaid", "unpaid"]
    assert payer.api().get(f"invitations/{held[0].id}").get_json()["reason"] == "unpaid"
    send(payer, account.event("invoice.paid", {"object": "invoice", "customer": customer}))
    for _again in range(2):
        payer.run_jobs()
        assert sorted(letters.recipients) == [f"ana{number}@example.com" for number in (1, 2, 3)]
    assert state(payer) == "paid"


def test_the_admins_are_written_to_when_a_bill_is_unpaid_and_when_it_counts(
    payer: Cast, account: StripeServer, letters: Server, later: Any
) -> None:
    customer = make_customer(payer, account, "team", "past_due")
    for _event in range(2):
        send(payer, account.event("invoice.payment_failed", {"object": "invoice", "customer": customer}))
        payer.run_jobs()
    assert letters.recipients == [payer.email("alice")]
    assert "Nothing changes until" in part(letters.mails[0], "plain")
    assert f"/t/{payer.slug}/settings/billing/" in part(letters.mails[0], "plain")
    later(days=14, minutes=1)
    payer.run_jobs()
    assert "read-only for your organisation now" in part(letters.mails[1], "plain")
    assert len(letters.mails) == 2


def test_nobody_is_written_to_about_what_is_paid(
    payer: Cast, account: StripeServer, letters: Server, later: Any
) -> None:
    customer = make_customer(payer, account, "team", "past_due")
    with payer.scope():
        hearing.sync_subscription()
    about(account, customer)["status"] = "active"
    with payer.scope():
        hearing.sync_subscription()
    later(days=15)
    payer.run_jobs()
    assert letters.mails == []


def test_paying_ends_it_at_once(payer: Cast, account: StripeServer) -> None:
    customer = make_customer(payer, account, "team")
    owe(payer, 20)
    send(payer, account.event("invoice.paid", {"object": "invoice", "customer": customer}))
    payer.run_jobs()
    assert state(payer) == "paid"
    assert subscription(payer).past_due_since is None
    assert payer.client("alice").post("settings/", {}).status_code == 422


def test_the_grace_counts_from_the_first_unpaid_day(payer: Cast, account: StripeServer, later: Any) -> None:
    make_customer(payer, account, "team", "past_due")
    with payer.scope():
        hearing.sync_subscription()
    first = subscription(payer).past_due_since
    later(days=5)
    with payer.scope():
        hearing.sync_subscription()
    assert subscription(payer).past_due_since == first


def test_a_subscription_that_ended_falls_back_to_free(payer: Cast, account: StripeServer) -> None:
    customer = make_customer(payer, account, "team")
    with payer.scope():
        hearing.sync_subscription()
    make_free(payer)
    about(account, customer)["status"] = "canceled"
    send(payer, account.event("customer.subscription.deleted", about(account, customer)))
    payer.run_jobs()
    assert state(payer) == "free"


def test_a_look_costs_a_machine_nothing_and_a_write_one_statement(payer: Cast) -> None:
    api = payer.api()
    use(payer, 1)
    with count_queries() as looking:
        api.get("cases")
    assert not [one for one in looking if "subscriptions" in one]
    with count_queries() as writing:
        api.put("departments/care", {"name": "Care", "layer": "frontline"})
    assert len([one for one in writing if "subscriptions" in one]) == 1
