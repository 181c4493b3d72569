"""Look-ups of targets, and which day and month it is for them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.kernel import clock
from app.kernel.days import day_in
from app.kernel.db import db, find_row
from app.kernel.errors import NotFound
from app.partners.models import PartnerTarget
from app.partners.rules import Target, in_force
from app.tenants.queries import timezone


def list_targets(partner_id: UUID, *, anew: bool = False) -> list[PartnerTarget]:
    """All targets that were ever agreed with the partner, the oldest first; `anew` reads what the session has again."""
    query = select(PartnerTarget).where(PartnerTarget.partner_id == partner_id)
    newest_last = query.order_by(PartnerTarget.first_month, PartnerTarget.measure)
    return list(db.session.scalars(newest_last.execution_options(populate_existing=anew)))


def get_target(partner_id: UUID, target_id: UUID) -> PartnerTarget:
    """One target of the partner. Raises NotFound, for another partner's too."""
    found = find_row(PartnerTarget, target_id)
    if found is None or found.partner_id != partner_id:
        raise NotFound()
    return found


def targets_in_force(month: str, partner_id: UUID | None = None) -> dict[UUID, list[Target]]:
    """The targets of a month such as 2026-03 by partner: of one, or of all that have any."""
    query = select(PartnerTarget).where(PartnerTarget.first_month <= month)
    rows: dict[UUID, list[PartnerTarget]] = defaultdict(list)
    for row in db.session.scalars(query.where(PartnerTarget.partner_id == partner_id) if partner_id else query):
        rows[row.partner_id].append(row)
    return {who: [row.as_target() for row in in_force(found, month)] for who, found in rows.items()}


def today() -> date:
    """The day it is for the tenant."""
    return day_in(clock.now(), ZoneInfo(timezone()))


def this_month() -> str:
    """The month it is for the tenant, such as 2026-03."""
    return f"{today():%Y-%m}"
