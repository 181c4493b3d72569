"""When somebody leaves: each of their open cases gets another owner, one by one; an alarm says where nobody is left."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.kernel.db import atomic, db, find_row
from app.loop.cases.models import Case
from app.loop.cases.rules import OPEN
from app.loop.cases.service.taking_turns import give_in_turn, list_able
from app.loop.cases.service.working import give


def hand_over_cases(user_id: UUID, heir_id: UUID | None) -> None:
    """Give the open cases of `user_id` to `heir_id`, or in turn to those who work on cases; each in a transaction of
    its own, so that doing it again goes on where it was broken off.
    """
    query = select(Case.id).where(Case.owner_id == user_id, Case.status.in_(OPEN)).order_by(Case.number)
    with atomic():
        left = list(db.session.scalars(query))
    last: UUID | None = None
    for case_id in left:
        last = _hand_over(case_id, user_id, heir_id, last)


def _hand_over(case_id: UUID, user_id: UUID, heir_id: UUID | None, last: UUID | None) -> UUID | None:
    """Give one case on; returns whose turn it was, after whom it is the next one's."""
    with atomic():
        case = find_row(Case, case_id, lock=True)
        if case is None or case.owner_id != user_id or case.status == "closed":
            return last
        heir = next((user for _role, user in list_able(case) if user.id == heir_id), None)
        if heir is not None:
            give(case, heir)
            return last
        return give_in_turn(case, user_id, last) or last
