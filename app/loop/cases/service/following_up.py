"""Following up: some days after a closure the customer is asked whether it is solved, and the answer is heard.

The question goes by mail from the system: nobody who works on the case sees its link or stands between.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import atomic, db, find_row
from app.loop.cases import rules
from app.loop.cases.models import Case, CaseClosure, CaseFollowUp
from app.loop.cases.service.follow_up_survey import KIND, SOLVED, follow_up_version
from app.loop.cases.service.reopening import reopen_for_customer
from app.loop.cases.service.resolving import why_unsent
from app.loop.cases.service.telling import CUSTOMER, tell
from app.surveys.answering.models import Answer, Response
from app.surveys.outreach.service import invite
from app.tenants import queries as tenants

_NEVER_ASKED = ("rejected", "merged")


def plan_follow_up(case_id: UUID, closure_id: UUID) -> None:
    """Plan the question whether it is solved, once per closure.

    Nobody is asked after a closure that was taken back, a rejection or a merger, nor somebody whom we cannot or must
    not write to.
    """
    with atomic() as session:
        case = find_row(Case, case_id, lock=True)
        closure = find_row(CaseClosure, closure_id)
        if case is None or closure is None or closure.reopened_at is not None or closure.outcome in _NEVER_ASKED:
            return
        planned = select(CaseFollowUp.id).where(CaseFollowUp.closure_id == closure_id)
        if db.session.scalar(planned) is not None:
            return
        if reason := why_unsent(case):
            tell(case, "follow_up_skipped", data={"reason": reason}, once=str(closure_id))
            return
        assert case.customer_id is not None
        due_at = closure.at + timedelta(days=tenants.settings().follow_up_days)
        invitation = invite(
            customer_id=case.customer_id,
            version_id=follow_up_version().id,
            touchpoint_id=case.touchpoint_id,
            partner_id=case.partner_id,
            due_at=due_at,
        )
        ids = {"case_id": case.id, "closure_id": closure_id, "invitation_id": invitation.id}
        session.add(CaseFollowUp(created_at=clock.now(), **ids))
        tell(case, "follow_up_planned", data={"due_at": invitation.due_at.isoformat()})


def hear_follow_up(response_id: UUID) -> None:
    """Take the customer's answer to a follow-up into the timeline; "no" reopens the case when it is closed.

    An unfinished answer is heard once it has been left alone for the settle time; each answer is heard once.
    """
    with atomic():
        response = find_row(Response, response_id)
        if response is None or response.survey_kind != KIND or not _counts(response):
            return
        asked = select(CaseFollowUp).where(CaseFollowUp.invitation_id == response.invitation_id)
        follow_up = db.session.scalar(asked)
        case = find_row(Case, follow_up.case_id, lock=True) if follow_up else None
        if case is None:
            return
        solved = _solved(response)
        data = {"solved": solved, "nps": response.nps}
        heard = tell(
            case,
            "follow_up_answered",
            response.comment_redacted,
            data,
            at=response.answered_at,
            actor=CUSTOMER,
            once=f"{response.id}:{solved}",
        )
        if heard is not None and solved == "no" and case.status == "closed":
            reopen_for_customer(case)


def _counts(response: Response) -> bool:
    if response.parked_at is not None or response.invitation_id is None:
        return False
    if response.status == "completed":
        return True
    return rules.is_settled(response.answered_at, clock.now(), tenants.settings().settle_minutes)


def _solved(response: Response) -> str | None:
    query = select(Answer.text).where(Answer.response_id == response.id, Answer.question_key == SOLVED)
    return db.session.scalar(query)
