"""Reopening a case: by somebody of the team, or because the customer says that it is not solved."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict
from app.loop.cases.models import Case, CaseClosure, CaseFollowUp, CaseResolution
from app.loop.cases.queries.workers import list_workers
from app.loop.cases.service.clocks import raise_alarm, renew_first_contact, run_on
from app.loop.cases.service.taking_turns import give_in_turn
from app.loop.cases.service.telling import CUSTOMER, clean_text, length_of, lock_case, note_change, tell
from app.loop.cases.service.working import give
from app.surveys.outreach.service import cancel_invitation


def reopen_case(number: int, because: str = "") -> Case:
    """Take a closed case up again, for the owner it had: with a new first-contact clock, while the resolution clock
    runs on with the time it had left. A follow-up that has not gone out yet is cancelled. An owner who may not work on
    it any more is its owner no more, and an alarm says so.

    Raises NotFound, and Conflict for a case that is open.
    """
    with atomic():
        case = lock_case(number)
        because = clean_text("/because", because)
        if case.status != "closed":
            raise Conflict(_("Case %(number)d is open.", number=number))
        before = case.closure_outcome
        _reopen(case, because)
        tell(case, "reopened", because)
        if case.owner_id and case.owner_id not in {user.id for _row, user in list_workers(case)}:
            give(case, None)
            raise_alarm(case, "unassigned", clock.now())
        note_change("case.reopened", case, before={"outcome": before}, after=length_of(because))
        return case


def reopen_for_customer(case: Case) -> None:
    """The customer says that it is not solved: reopen the locked case, closed or resolved, for somebody else than who
    closed or resolved it.

    When nobody else is there it is left without an owner, and an alarm says so.
    """
    closer = _reopen(case, "not_solved") if case.status == "closed" else _take_back(case)
    tell(case, "reopened", data={"by_customer": True}, actor=CUSTOMER)
    give_in_turn(case, closer or case.owner_id, case.owner_id)


def _reopen(case: Case, because: str) -> UUID | None:
    """End the closure in force and start the clocks; returns who had closed the case."""
    now = clock.now()
    query = select(CaseClosure).where(CaseClosure.case_id == case.id, CaseClosure.reopened_at.is_(None))
    closure = db.session.scalars(query).one()
    closure.reopened_at, closure.reopened_because = now, because or None
    _begin_anew(case, min(case.resolved_at or closure.at, closure.at), now)
    _cancel_follow_up(closure)
    return closure.user_id


def _take_back(case: Case) -> UUID | None:
    """Take back the resolution in force and start the clocks; returns whose it was."""
    assert case.resolved_at is not None
    _begin_anew(case, case.resolved_at, clock.now())
    query = select(CaseResolution.user_id).where(CaseResolution.case_id == case.id)
    return db.session.scalar(query.order_by(CaseResolution.at.desc()).limit(1))


def _begin_anew(case: Case, stopped_at: datetime, now: datetime) -> None:
    """The first contact is due anew, and the resolution clock, which stood still since `stopped_at`, runs on."""
    case.status = "assigned"
    case.closed_at = case.closure_outcome = case.resolved_at = case.first_contact_at = None
    case.reopened_count += 1
    renew_first_contact(case, now)
    run_on(case, stopped_at, now)


def _cancel_follow_up(closure: CaseClosure) -> None:
    planned = db.session.scalar(select(CaseFollowUp).where(CaseFollowUp.closure_id == closure.id))
    if planned is not None:
        cancel_invitation(planned.invitation_id, "case_reopened")
