"""Whose turn it is to own a case that nobody has chosen an owner for, and who answers for them while they are away."""

from __future__ import annotations

from uuid import UUID

from app.kernel import clock
from app.loop.absences import queries as absences
from app.loop.cases import rules
from app.loop.cases.models import Case
from app.loop.cases.queries.workers import list_workers
from app.loop.cases.rules import Candidate
from app.loop.cases.service.clocks import raise_alarm
from app.loop.cases.service.working import give


def give_in_turn(case: Case, apart_from: UUID | None, cursor: UUID | None) -> UUID | None:
    """Give the locked case to whose turn it is, or to who stands in for them: never to `apart_from`, beginning after
    `cursor`. Returns whose turn it was; None when nobody is left: then nobody owns it, and an alarm says so.
    """
    able = {user.id: (row.role, user) for row, user in list_workers(case)}
    candidates = [Candidate(user_id, role, user.is_active) for user_id, (role, user) in able.items()]
    chosen = rules.next_to_answer(candidates, apart_from, cursor, absences.standing(absences.today()))
    if chosen is None:
        give(case, None)
        raise_alarm(case, "unassigned", clock.now())
        return None
    turn, owner = chosen
    give(case, able[owner][1], able[turn][1] if turn != owner else None)
    return turn
