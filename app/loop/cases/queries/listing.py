"""The list of cases by filters, as other systems read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.journeys.models import Touchpoint
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.pagination import Page, paginate
from app.loop.cases.models import Case
from app.loop.cases.queries import HIGHEST_NUMBER
from app.loop.cases.rules import PAUSING
from app.partners.models import Partner
from app.tenants.models import User

NOBODY = "none"


@dataclass(frozen=True)
class CaseQuery:
    """Which cases; an empty filter lets everything through. `owner` is an address, or NOBODY."""

    status: Sequence[str] = ()
    owner: str | None = None
    touchpoint: Sequence[str] = ()
    partner: Sequence[str] = ()
    breached: bool | None = None


def page_of_cases(wanted: CaseQuery, cursor: str | None, limit: int) -> Page[Case]:
    """Some cases, newest number first. Raises Invalid on a bad cursor."""
    return paginate(_with_parts(select(Case)).where(*_conditions(wanted)), [Case.number], cursor, limit)


def load_case(number: int) -> Case:
    """One case as it stands in the database now, with all that is written about it. Raises NotFound."""
    if not 0 < number <= HIGHEST_NUMBER:
        raise NotFound()
    query = _with_parts(select(Case)).where(Case.number == number).execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def _with_parts(query: Select[Case]) -> Select[Case]:
    single = (Case.touchpoint, Case.partner, Case.owner, Case.response)
    return query.options(*(joinedload(part) for part in single), selectinload(Case.root_causes))


def _conditions(wanted: CaseQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.status:
        found.append(Case.status.in_(wanted.status))
    if wanted.owner == NOBODY:
        found.append(Case.owner_id.is_(None))
    elif wanted.owner is not None:
        found.append(Case.owner_id.in_(select(User.id).where(User.email == wanted.owner.strip().lower())))
    if wanted.touchpoint:
        found.append(Case.touchpoint_id.in_(select(Touchpoint.id).where(Touchpoint.key.in_(wanted.touchpoint))))
    if wanted.partner:
        found.append(Case.partner_id.in_(select(Partner.id).where(Partner.key.in_(wanted.partner))))
    if wanted.breached is not None:
        found.append(_is_breached() if wanted.breached else ~_is_breached())
    return found


def _is_breached() -> ColumnElement[bool]:
    """A clock was not stopped in time: the act came after its due time, or has not come and the time is over.

    A paused clock does not run out, and history is never late.
    """
    now = clock.now()
    contact = func.coalesce(Case.first_contact_at, Case.closed_at, now) > Case.first_contact_due_at
    resolution = func.coalesce(Case.resolved_at, Case.closed_at, now) > Case.resolution_due_at
    runs = Case.status.not_in(sorted(PAUSING))
    return and_(Case.is_historic.is_(False), or_(contact, and_(runs, resolution)))
