"""Answers that open cases, and cases in every state, made the way they come about."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any
from uuid import UUID

from app.journeys.queries import find_touchpoint_by_key
from app.loop.cases import service
from app.loop.cases.models import Case
from app.loop.causes.rules import RootCause
from app.surveys.answering.service import ByInvitation, BySender, Submission, submit_response
from app.surveys.design.queries import find_survey_by_key
from tests.factories.customers import new_customer
from tests.factories.journeys import make_touchpoint
from tests.factories.outreach import make_invitation
from tests.factories.surveys import csat_definition, make_version

_count = itertools.count(1)


def make_answer(
    nps: int | None = 3,
    why: str = "It came late",
    *,
    csat: int | None = None,
    email: str = "",
    touchpoint: str = "delivery",
    historic: bool = False,
    answered_at: datetime | None = None,
    customer: dict[str, Any] | None = None,
    **way: Any,
) -> UUID:
    """A complete response to the NPS survey, with `csat` to the CSAT survey; `customer` are facts of new_customer."""
    survey = "delivery-csat" if csat is not None else "delivery-nps"
    if find_survey_by_key(survey) is None:
        make_version(survey, csat_definition() if csat is not None else None)
    if find_touchpoint_by_key(touchpoint) is None:
        make_touchpoint(touchpoint)
    answers: dict[str, Any] = {"nps": nps, "why": why} if csat is None else {"csat": csat, "comment": why}
    given = BySender(
        survey=survey,
        touchpoint=touchpoint,
        customer=new_customer(email, **(customer or {})),
        answered_at=answered_at,
        is_historic=historic,
        **way,
    )
    given_answers = {key: value for key, value in answers.items() if value not in (None, "")}
    return submit_response(Submission(given, given_answers)).response_id


def save_part(invitation_id: UUID, answers: dict[str, Any], revision: int, *, complete: bool = False) -> UUID:
    """A part of an answer by the link of an invitation."""
    given = Submission(ByInvitation(invitation_id), answers, complete, revision)
    return submit_response(given).response_id


def make_ask() -> UUID:
    """An invitation to answer the NPS survey."""
    return make_invitation(f"asked{next(_count)}@example.com").id


def make_case(nps: int | None = 3, why: str = "It came late", **answer: Any) -> Case:
    """An open case."""
    case = service.open_case_for_response(make_answer(nps, why, **answer))
    assert case is not None
    return case


def make_worked_case(**answer: Any) -> Case:
    """A case with a reached contact, a verified cause and a resolution."""
    case = make_case(**answer)
    service.record_first_contact(case.number, "phone", "reached", "They are disappointed.")
    service.set_root_causes(case.number, [RootCause("process", verified=True)])
    return service.resolve_case(case.number, "Sent a new one.")


def make_closed_case(**answer: Any) -> Case:
    """A case that was closed as confirmed."""
    return service.close_case(make_worked_case(**answer).number, "confirmed")
