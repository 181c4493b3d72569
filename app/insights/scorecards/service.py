"""Closing months: each is planned once, closed once when its time has come, and never written again."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.insights.scorecards import queries
from app.insights.scorecards.events import MonthPlanned
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


def begin() -> None:
    """See to it that months are closed from now on; a tenant in which they are is left alone."""
    if queries.find_month(str(month_of(clock.now(), queries.timezone()))) is None:
        plan_months()


def plan_months() -> None:
    """See to it that the running month will be closed, and every earlier one that has answers about a partner.

    A month that is planned already stays as it is.
    """
    zone = queries.timezone()
    with atomic():
        this = month_of(clock.now(), zone)
        for period in counts.past_months(this, zone):
            _plan(parse_month(period), zone)
        _plan(this, zone)


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
        plan_months()


def _plan(month: Month, zone: ZoneInfo) -> None:
    """Plan to close it. What is long over is closed at once, after everything that happens now."""
    now, closes_at = clock.now(), month.closes_at(zone)
    if insert_if_new(ScorecardMonth, period=str(month), planned_at=now):
        publish(MonthPlanned(str(month)), due_at=max(now, closes_at), is_history=closes_at <= now)


def _keep(month: Month, zone: ZoneInfo, network: dict[str, Any]) -> None:
    now = clock.now()
    found = {who: facts for who, facts in counts.gather(month, zone).items() if facts.has_any_in(str(month))}
    rows = [_snapshot(who, month, own_part(facts, month, now), network) for who, facts in found.items()]
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
