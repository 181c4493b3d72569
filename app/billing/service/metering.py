"""Telling Stripe what was used: set down once an hour, sent under an identifier by which Stripe takes it once.

What is used before anybody pays (the trial, the free plan), or what has no price, is never reported.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, select

from app.billing import gateway, queries, rules
from app.billing.events import UsageBegan, UsageReported
from app.billing.models import UsageCounter, UsageReport
from app.billing.service.counting import REPORT_EVERY
from app.kernel import clock
from app.kernel.db import atomic, db, find_row
from app.kernel.errors import HeedError
from app.kernel.events import publish
from app.kernel.ids import new_id

_LAST_LOOK = timedelta(days=1)
"""How long after its end a month is looked at: answers that an upgrade lets count belong to it still."""


def report_usage(kind: str, month: date) -> None:
    """Set down what was used since the last report and plan the next one; too early, or again, it does nothing.

    Raises StripeAway.
    """
    now, customer_id = clock.now(), _find_whom_to_bill(kind)
    with atomic():
        counter = db.session.scalar(_counter(kind, month))
        if counter is None or now < counter.report_at:
            return
        if customer_id is not None and counter.used > counter.reported:
            _set_down(counter, customer_id)
        counter.reported, counter.report_at = counter.used, now + REPORT_EVERY
        # Where nobody is billed, nobody looks until somebody is.
        if customer_id is not None and rules.month_of(now - _LAST_LOOK) <= month:
            publish(UsageBegan(kind, month.isoformat()), due_at=counter.report_at)


def _find_whom_to_bill(kind: str) -> str | None:
    """The customer at Stripe who pays for what is used, where that has a price at all."""
    with atomic():
        subscription = queries.find_subscription()
    if subscription is None or not rules.is_live(subscription.status) or kind not in gateway.list_metered_prices():
        return None
    return subscription.stripe_customer_id


def _counter(kind: str, month: date) -> Select[UsageCounter]:
    query = select(UsageCounter).where(UsageCounter.kind == kind, UsageCounter.month == month)
    return query.with_for_update().execution_options(populate_existing=True)


def _set_down(counter: UsageCounter, customer_id: str) -> None:
    report = UsageReport(
        id=new_id(),
        kind=counter.kind,
        month=counter.month,
        value=counter.used - counter.reported,
        stripe_customer_id=customer_id,
        made_at=clock.now(),
    )
    db.session.add(report)
    publish(UsageReported(report.id))


def send_usage_report(report_id: UUID) -> None:
    """Send one report; after a crash the same one goes again and counts once. Raises StripeAway."""
    with atomic():  # and none stays open while Stripe is asked
        report = find_row(UsageReport, report_id)
    if report is None or report.sent_at is not None:
        return
    gateway.send_usage(
        rules.meter(report.kind), report.stripe_customer_id, report.value, str(report.id), report.made_at
    )
    with atomic():
        sent = find_row(UsageReport, report_id, lock=True)
        if sent is not None:
            sent.sent_at = clock.now()


def catch_up() -> None:
    """Set down and send what the hourly looks have left: they end when Stripe is away for longer than a job is tried,
    and begin again here. Raises StripeAway."""
    now = clock.now()
    for month in (rules.month_of(now - timedelta(days=now.day)), rules.month_of(now)):
        for kind in rules.KINDS:
            report_usage(kind, month)
    send_unsent_reports()


def send_unsent_reports() -> int:
    """Send every report that Stripe has not taken; returns how many there were. Raises the first trouble that Stripe
    made, once all were tried: one that is refused holds up no other."""
    with atomic():
        waiting = [report.id for report in queries.list_unsent_reports()]
    troubles = [trouble for report_id in waiting if (trouble := _try_to_send(report_id)) is not None]
    if troubles:
        raise troubles[0]
    return len(waiting)


def _try_to_send(report_id: UUID) -> HeedError | None:
    try:
        send_usage_report(report_id)
    except HeedError as trouble:
        return trouble
    return None
