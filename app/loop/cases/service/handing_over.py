"""When somebody leaves, or sees the touchpoints of their cases no more: each of these cases gets another owner, one by
one; an alarm says where nobody is left."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.kernel.db import atomic, db, find_row
from app.loop.cases.models import Case
from app.loop.cases.queries.workers import list_cases_outside, list_workers
from app.loop.cases.rules import OPEN
from app.loop.cases.service.taking_turns import give_in_turn
from app.loop.cases.service.working import give
from app.tenants import queries as tenants
from app.tenants.rules import WORKING_ROLES


def hand_over_cases(user_id: UUID, heir_id: UUID | None) -> None:
    """Give the open cases of `user_id` to `heir_id`, or in turn to those who work on cases; each in a transaction of
    its own, so that doing it again goes on where it was broken off. Who is back by then keeps what they may own.
    """
    query = select(Case.id).where(Case.owner_id == user_id, Case.status.in_(OPEN)).order_by(Case.number)
    with atomic():
        left = list(db.session.scalars(query))
    last: UUID | None = None
    for case_id in left:
        last = _hand_over(case_id, user_id, heir_id, last)


def hand_over_unseen_cases() -> None:
    """Give on every open case whose owner does not see what it is about; as hand_over_cases, without an heir."""
    with atomic():
        members = tenants.list_members(roles=WORKING_ROLES)
        unseen = list_cases_outside({user.id: row.rows for row, user in members if not row.rows.is_whole})
    last: UUID | None = None
    for case_id, owner_id in unseen:
        last = _hand_over(case_id, owner_id, None, last)


def _hand_over(case_id: UUID, user_id: UUID, heir_id: UUID | None, last: UUID | None) -> UUID | None:
    """Give one case on; returns whose turn it was, after whom it is the next one's."""
    with atomic():
        case = find_row(Case, case_id, lock=True)
        if case is None or case.owner_id != user_id or case.status == "closed":
            return last
        able = {user.id: user for _row, user in list_workers(case)}
        if user_id in able:  # they are back, or see it again, before this was heard
            return last
        if heir_id in able:
            give(case, able[heir_id])
            return last
        return give_in_turn(case, user_id, last) or last
