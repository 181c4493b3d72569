"""Scorecards to read: for staff any partner's, for a partner its own. A closed month is read as it was kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.insights.scorecards.models import ScorecardMonth, ScorecardSnapshot
from app.insights.scorecards.queries import counts
from app.insights.scorecards.rules import network
from app.insights.scorecards.rules.document import compared, document, not_compared
from app.insights.scorecards.rules.facts import Facts, own_part
from app.insights.scorecards.rules.periods import Month, check_begun, month_of, parse_month
from app.kernel import clock, scope
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.partners.models import Partner
from app.partners.queries import get_partner_by_key, targets_in_force
from app.tenants import queries as tenants

Card = dict[str, Any]


@dataclass(frozen=True)
class Peer:
    """Another partner on the chart of all of them, for staff: who it is and where it lies."""

    key: str
    name: str
    unit: dict[str, Any]


def card_for_staff(key: str, period: str | None) -> Card:
    """The scorecard of the partner `key`; without a period that of its newest month with answers.

    Raises NotFound for an unknown partner, Invalid for what is no month or has not begun.
    """
    partner, zone = get_partner_by_key(key), timezone()
    month = _read_period(partner.id, period, zone)
    kept, known = find_snapshot(partner.id, str(month)), find_month(str(month))
    own = json.loads(kept.content) if kept else _own(partner.id, month, zone)
    whole = json.loads(known.network) if known and known.network else live_network(month, zone)
    comparison = compared(network.told_to_staff(whole, str(partner.id)), whole["by"])
    return document(_named(partner), month, zone, own, comparison, kept.made_at if kept else None, clock.now())


def card_for_partner(period: str | None) -> Card:
    """The scorecard of the partner whose eyes this scope has. Raises NotFound for staff, Invalid as above."""
    partner, zone = _me(), timezone()
    month = _read_period(partner.id, period, zone)
    kept = find_snapshot(partner.id, str(month))
    if kept:
        content = json.loads(kept.content)
        return document(_named(partner), month, zone, content, content["comparison"], kept.made_at, clock.now())
    own = _own(partner.id, month, zone)
    return document(_named(partner), month, zone, own, not_compared(), None, clock.now())


def peers(card: Card) -> dict[str, list[Peer]]:
    """The other partners in the comparison of a card for staff, by metric: each by name."""
    found = {one["metric"]: one["peers"] for one in card["comparison"]["metrics"]}
    ids = {UUID(who) for units in found.values() for who in units}
    named = {str(row.id): row for row in db.session.scalars(select(Partner).where(Partner.id.in_(ids)))} if ids else {}
    return {
        metric: [Peer(named[who].key, named[who].name, unit) for who, unit in units.items() if who in named]
        for metric, units in found.items()
    }


def with_named_peers(card: Card) -> Card:
    """A card for staff whose peers go by the keys of partners instead of ids."""
    named = {metric: {peer.key: peer.unit for peer in found} for metric, found in peers(card).items()}
    metrics = [{**one, "peers": named[one["metric"]]} for one in card["comparison"]["metrics"]]
    return {**card, "comparison": {**card["comparison"], "metrics": metrics}}


def live_network(month: Month, zone: ZoneInfo) -> dict[str, Any]:
    """The comparison of all partners as it stands now. For staff."""
    return network.compare(*counts.gather_network(month, zone))


def find_month(period: str) -> ScorecardMonth | None:
    """The plan or the comparison of a month."""
    return db.session.scalar(select(ScorecardMonth).where(ScorecardMonth.period == period))


def find_snapshot(partner_id: UUID, period: str) -> ScorecardSnapshot | None:
    """The kept card of a closed month."""
    return db.session.scalar(
        select(ScorecardSnapshot).where(ScorecardSnapshot.partner_id == partner_id, ScorecardSnapshot.period == period)
    )


def timezone() -> ZoneInfo:
    """The tenant's."""
    return ZoneInfo(tenants.timezone())


def _own(partner_id: UUID, month: Month, zone: ZoneInfo) -> dict[str, Any]:
    facts = counts.gather(month, zone, partner_id).get(partner_id, Facts())
    return own_part(facts, month, clock.now(), targets_in_force(str(month), partner_id).get(partner_id, []))


def _read_period(partner_id: UUID, period: str | None, zone: ZoneInfo) -> Month:
    now = clock.now()
    if period is None:
        newest = counts.newest_moment(partner_id)
        return min(month_of(newest, zone), month_of(now, zone)) if newest else month_of(now, zone)
    month = parse_month(period)
    check_begun(month, now, zone)
    return month


def _named(partner: Partner) -> dict[str, str]:
    return {"key": partner.key, "name": partner.name}


def _me() -> Partner:
    found = db.session.scalar(select(Partner).where(Partner.id == scope.partner_id()))
    if found is None:
        raise NotFound()
    return found
