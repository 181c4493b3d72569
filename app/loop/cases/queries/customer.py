"""The customer's own page: its address, and the case behind it with what happened so far.

The address is made of the response, not of the case: it is there as soon as the answer is, and stays the same.
"""

from __future__ import annotations

from uuid import UUID

from flask import current_app
from sqlalchemy import select

from app.config import Settings
from app.kernel import scope, tokens
from app.kernel.db import db, find_row
from app.loop.cases.customer_rules import Line
from app.loop.cases.models import Case, CaseClosure, CaseEvent, CaseFollowUp
from app.loop.cases.queries import find_case_of_response

PURPOSE = "case"


def follow_path(response_id: UUID) -> str:
    """Where the customer follows the case of this response, there already or not."""
    return f"/c/{tokens.issue(PURPOSE, scope.tenant_id(), response_id)}"


def follow_url(response_id: UUID) -> str:
    """The same as a whole address, for mails."""
    settings: Settings = current_app.extensions["heed_settings"]
    return settings.base_url + follow_path(response_id)


def find_customers_case(response_id: UUID, *, lock: bool = False) -> Case | None:
    """The case that this response has opened, or the one of the same customer into which it was merged; else None.

    A case that was merged into another customer's is followed no further: what happens there is not theirs to know.
    """
    case, seen = find_case_of_response(response_id, lock=lock), set[UUID]()
    while case is not None and case.closure_outcome == "merged":
        seen.add(case.id)
        into = find_row(Case, _merged_into(case), lock=lock)
        if into is None or into.id in seen or case.customer_id is None or into.customer_id != case.customer_id:
            break
        case = into
    return case


def find_followed_up_case(invitation_id: UUID | None) -> Case | None:
    """The case after which this invitation asks whether it is solved, or None."""
    query = select(Case).join(CaseFollowUp, CaseFollowUp.case_id == Case.id)
    return db.session.scalar(query.where(CaseFollowUp.invitation_id == invitation_id))


def find_follow_url(invitation_id: UUID) -> str | None:
    """For the mail of a follow-up: where its customer follows the case, or None for any other invitation."""
    case = find_followed_up_case(invitation_id)
    return follow_url(case.response_id) if case else None


def list_lines(case: Case) -> list[Line]:
    """The timeline of the case, oldest first, without who did what."""
    query = select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.at, CaseEvent.id)
    return [Line(event.kind, event.at, event.text, event.data) for event in db.session.scalars(query)]


def _merged_into(case: Case) -> UUID | None:
    query = select(CaseClosure.into_case_id).where(CaseClosure.case_id == case.id, CaseClosure.reopened_at.is_(None))
    return db.session.scalar(query)
