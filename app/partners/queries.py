"""Look-ups of partners and of their targets."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from app.kernel import clock
from app.kernel.days import day_in
from app.kernel.db import db, find_row
from app.kernel.errors import NotFound
from app.kernel.inserts import find_by_key
from app.kernel.pagination import DEFAULT_LIMIT, Page, paginate
from app.partners.models import Partner, PartnerTarget
from app.partners.rules import Target, in_force
from app.tenants.queries import timezone


def find_partner_by_key(key: str, *, lock: bool = False) -> Partner | None:
    """The partner with this key; `lock` keeps it from changing until the transaction ends."""
    return find_by_key(Partner, key, lock=lock)


def get_partner_by_key(key: str) -> Partner:
    """As find_partner_by_key, raising NotFound."""
    found = find_partner_by_key(key)
    if found is None:
        raise NotFound(f"There is no partner {key}.")
    return found


def has_others(partner: Partner) -> bool:
    """Whether there is any other partner than this one."""
    return bool(db.session.scalar(select(exists().where(Partner.id != partner.id))))


def list_partners() -> list[Partner]:
    """Every partner, by name."""
    return list(db.session.scalars(select(Partner).order_by(Partner.name, Partner.key)))


def page_of_partners(cursor: str | None, limit: int = DEFAULT_LIMIT) -> Page[Partner]:
    """Some partners, by key. Raises Invalid on a bad cursor."""
    return paginate(select(Partner), [Partner.key], cursor, limit, newest_first=False)


def page_of_partners_by_name(cursor: str | None, limit: int = DEFAULT_LIMIT) -> Page[Partner]:
    """Some partners, by name. Raises Invalid on a bad cursor."""
    return paginate(select(Partner), [Partner.name, Partner.key], cursor, limit, newest_first=False)


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
