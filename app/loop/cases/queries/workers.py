"""Who may work on a case: members who may own one and see what it is about."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.journeys.models import Touchpoint
from app.kernel.db import db
from app.loop.cases.models import Case
from app.loop.cases.rules import OPEN
from app.tenants import queries as tenants
from app.tenants.models import Membership, User
from app.tenants.rules import WORKING_ROLES, RowScope


def list_workers(case: Case) -> list[tuple[Membership, User]]:
    """The members who may own this case, by address: nobody for whom it lies outside what they see."""
    members = tenants.list_members(roles=WORKING_ROLES)
    if all(row.rows.is_whole for row, _user in members):
        return members
    department_id = case.touchpoint.department_id if case.touchpoint else None
    return [(row, user) for row, user in members if row.rows.holds(case.touchpoint_id, department_id)]


def count_cases_outside(user_id: UUID, rows: RowScope) -> int:
    """How many open cases this member owns that lie outside this part of the tenant."""
    return len(list_cases_outside({user_id: rows}))


def list_cases_outside(seen: dict[UUID, RowScope]) -> list[tuple[UUID, UUID]]:
    """(case, owner) of the open cases of these owners that lie outside what each sees, by number."""
    query = (
        select(Case.id, Case.owner_id, Case.touchpoint_id, Touchpoint.department_id)
        .outerjoin(Touchpoint, (Touchpoint.tenant_id == Case.tenant_id) & (Touchpoint.id == Case.touchpoint_id))
        .where(Case.owner_id.in_(list(seen)), Case.status.in_(OPEN))
        .order_by(Case.number)
    )
    found = db.session.execute(query)
    return [(case_id, owner) for case_id, owner, *at in found if owner is not None and not seen[owner].holds(*at)]
