"""Look-ups of partners."""

from __future__ import annotations

from sqlalchemy import exists, select

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.inserts import find_by_key
from app.kernel.pagination import DEFAULT_LIMIT, Page, paginate
from app.partners.models import Partner


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
