"""Closing months: each is planned once, closed once when its time has come, and never written again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.insights.scorecards import queries
from app.insights.scorecards.events import MonthClosed, MonthPlanned
from app.insights.scorecards.models import ScorecardMonth, ScorecardSnapshot
from app.insights.scorecards.queries import counts
from app.insights.scorecards.rules.document import canonical, compared
from app.insights.scorecards.rules.facts import own_part
from app.insights.scorecards.rules.network import told_to_partner
from app.insights.scorecards.rules.periods import Month, month_of, parse_month
from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.kernel.inserts import insert_if_new
from app.partners.queries import targets_in_force

_SETTLED = timedelta(days=1)
"""A month to which history is still being sent must not be closed with half of it."""
_NEWS = timedelta(days=7)
"""A month that is closed later than this is one of the past, of which nobody has to be told."""


def begin() -> None:
    """See to it that the running month will be closed; with it the months that follow are planned."""
    with atomic():
        _plan_running()


def plan_months() -> None:
    """See to it that every month in which a partner was answered about will be closed, the running one included.

    For the end of an import: what is long over is closed as soon as workers have nothing else to do. A month that is
    planned already stays as it is.
    """
    with atomic():
        _plan_past(received_before=clock.now())
        _plan_running()


def close_month(period: str) -> None:
    """Keep the comparison and every partner's card of a month, and plan what comes next; closed, it stays as it is."""
    month, zone = parse_month(period), queries.timezone()
    with atomic():
        row = db.session.scalar(select(ScorecardMonth).where(ScorecardMonth.period == period).with_for_update())
        now = clock.now()
        if row is None or row.closed_at is not None or now < month.closes_at(zone):
            return
        network = queries.live_network(month, zone)
        _keep(month, zone, network)
        row.network, row.closed_at = canonical(network), now
        publish(MonthClosed(period), is_history=now - month.closes_at(zone) > _NEWS)
        _plan_past(received_before=now - _SETTLED)
        _plan_running()


def _plan_running() -> None:
    zone = queries.timezone()
    _plan(month_of(clock.now(), zone), zone)


def _plan_past(received_before: datetime) -> None:
    """Plan the months that are over and to which nothing has come since then."""
    zone = queries.timezone()
    for period in counts.past_months(month_of(clock.now(), zone), zone, received_before):
        _plan(parse_month(period), zone)


def _plan(month: Month, zone: ZoneInfo) -> None:
    """Plan to close it. What is long over is closed at once, after everything that happens now."""
    now, closes_at = clock.now(), month.closes_at(zone)
    if insert_if_new(ScorecardMonth, period=str(month), planned_at=now):
        publish(MonthPlanned(str(month)), due_at=max(now, closes_at), is_history=closes_at <= now)


def _keep(month: Month, zone: ZoneInfo, network: dict[str, Any]) -> None:
    now = clock.now()
    found = {who: facts for who, facts in counts.gather(month, zone).items() if facts.has_any_in(str(month))}
    agreed = targets_in_force(str(month))
    own = {who: own_part(facts, month, now, agreed.get(who, [])) for who, facts in found.items()}
    rows = [_snapshot(who, month, part, network) for who, part in own.items()]
    if rows:
        db.session.execute(insert(ScorecardSnapshot).on_conflict_do_nothing(), rows)


def _snapshot(who: UUID, month: Month, own: dict[str, Any], network: dict[str, Any]) -> dict[str, Any]:
    comparison = compared(told_to_partner(network, str(who)), network["by"])
    return {
        "tenant_id": scope.tenant_id(),
        "id": new_id(),
        "partner_id": who,
        "period": str(month),
        "content": canonical({**own, "comparison": comparison}),
        "made_at": clock.now(),
    }
