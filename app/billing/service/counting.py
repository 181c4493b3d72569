"""Counting without races: answers and mails against the plan of their month, people against its seats.

A count is one guarded statement: whoever comes at the same moment waits for the row and then sees the new number.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask_babel import ngettext
from sqlalchemy import Select, Update, select, update
from sqlalchemy.dialects.postgresql import insert

from app.billing import queries, rules
from app.billing.events import UsageBegan
from app.billing.models import Subscription, UsageCounter
from app.billing.rules import Kind
from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Fault
from app.kernel.events import publish, publish_all
from app.kernel.ids import new_id
from app.kernel.inserts import find_or_insert
from app.tenants import queries as tenants
from app.tenants.examples.queries import is_example

REPORT_EVERY = timedelta(hours=1)
_TOLD_LATER = timedelta(minutes=1)


def count_one(kind: Kind) -> tuple[date | None, bool]:
    """Count one answer or mail; returns (the month it belongs to, whether that month's plan covers it).

    The month is None where nothing is counted. Call inside `atomic()`, after whatever makes the thing unique: the
    counter stays locked until the transaction ends.
    """
    now = clock.now()
    if not queries.is_on() or clock.actual() - now > _TOLD_LATER:  # an invented history is nobody's usage
        return None, True
    subscription = _find_or_begin()
    if subscription is None:
        return None, True
    month = rules.month_of(now)
    if _count(kind, month, queries.standing_of(subscription).plan.limit(kind)):
        return month, True
    # The plan may have grown since it was read. The refused statement holds the counter, which whoever releases what
    # was over the plan waits for: a plan that grows after this look finds what is set aside here.
    if _count(kind, month, queries.standing_of(queries.find_subscription(fresh=True)).plan.limit(kind)):
        return month, True
    db.session.execute(_of(kind, month).values(over=UsageCounter.over + 1))
    return month, False


def _count(kind: Kind, month: date, limit: int | None) -> bool:
    """One more, unless the month is full."""
    row = {"tenant_id": scope.tenant_id(), "id": new_id(), "kind": kind, "month": month}
    first_report = clock.now() + REPORT_EVERY
    statement = insert(UsageCounter).values(**row, used=1, over=0, reported=0, report_at=first_report)
    statement = statement.on_conflict_do_update(
        index_elements=["tenant_id", "kind", "month"],
        set_={"used": UsageCounter.used + 1},
        where=None if limit is None else UsageCounter.used < limit,
    )
    used = db.session.scalar(statement.returning(UsageCounter.used))
    if used == 1:
        publish(UsageBegan(kind, month.isoformat()), due_at=first_report)
    return used is not None


def lock_room(kind: Kind, month: date) -> int | None:
    """How many of those over the plan of that month it covers now; None is all of them.

    Call inside `atomic()`: the count stays locked until it ends, so that what is over can be counted after this.
    """
    used = db.session.scalar(_counter(kind, month).with_for_update()) or 0
    subscription = queries.find_subscription(fresh=True)
    limit = queries.standing_of(subscription).plan.limit(kind) if queries.is_on() else None
    return None if limit is None else max(0, limit - used)


def cover(kind: Kind, month: date, number: int) -> None:
    """Count this many that were over the plan of that month. Call after `lock_room`."""
    changed = {"used": UsageCounter.used + number, "over": UsageCounter.over - number}
    db.session.execute(_of(kind, month).values(changed))
    if number:  # a month that is over is looked at no more, else
        publish(UsageBegan(kind, month.isoformat()))


def begin_to_bill() -> None:
    """Somebody pays from here on: what was used until now is free, and what comes is told. Call inside `atomic()`."""
    now = clock.now()
    free = update(UsageCounter).values(reported=UsageCounter.used).execution_options(synchronize_session=False)
    db.session.execute(free)
    month = rules.month_of(now).isoformat()
    publish_all([UsageBegan(kind, month) for kind in rules.KINDS], due_at=now + REPORT_EVERY)


def check_seat(invited: int) -> None:
    """Refuse one more person of the tenant's own when all seats are taken, `invited` of them by those who are to come.
    Raises Conflict.

    Call inside the transaction that adds them; two at once wait for each other.
    """
    if not queries.is_on():
        return
    with atomic():
        if _find_or_begin() is None:
            return
        seats = queries.standing_of(queries.lock_subscription()).plan.seats
        if seats is not None and tenants.count_seats() + invited >= seats:
            sentence = ngettext(
                "Your plan has room for %(num)d person, and the place is taken. A larger plan has more.",
                "Your plan has room for %(num)d people, and all places are taken. A larger plan has more.",
                seats,
            )
            raise Conflict(sentence, [Fault("/email/seat", sentence)])


def _find_or_begin() -> Subscription | None:
    """The tenant's subscription, which begins here; None in an example, which uses nothing up."""
    found = queries.find_subscription()
    return found if found is not None or is_example() else ensure_subscription()


def ensure_subscription() -> Subscription:
    """The tenant's subscription; the first time, its trial begins."""
    trial_ends_at: datetime = clock.actual() + rules.TRIAL
    with atomic():
        row, _is_new = find_or_insert(
            Subscription, queries.find_subscription, lambda: {"trial_ends_at": trial_ends_at, "status": "none"}
        )
        return row


def _counter(kind: Kind, month: date) -> Select[int]:
    return select(UsageCounter.used).where(UsageCounter.kind == kind, UsageCounter.month == month)


def _of(kind: Kind, month: date) -> Update:
    ours = (UsageCounter.kind == kind) & (UsageCounter.month == month)
    return update(UsageCounter).where(ours).execution_options(synchronize_session=False)
