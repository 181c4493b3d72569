"""When Stripe is away for hours or refuses: nothing that was used is lost, and it is told apart what happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.billing import gateway, rules
from app.billing.models import UsageReport
from app.billing.service import hearing, metering
from app.kernel import clock, outbox
from app.kernel.db import atomic, db
from app.kernel.errors import HeedError
from app.kernel.outbox_model import OutboxRow
from tests.billing.conftest import make_customer
from tests.billing.test_limits import use
from tests.cast import Cast
from tests.fakes.stripe_server import StripeServer


@pytest.fixture(autouse=True)
def _prices_are_asked_for() -> Iterator[None]:
    gateway._prices.clear()
    yield
    gateway._prices.clear()


@pytest.fixture
def metered(account: StripeServer) -> Iterator[StripeServer]:
    """The stand-in with prices for what is used."""
    before = list(account.prices)
    account.add_metered_prices()
    yield account
    account.prices[:] = before


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
