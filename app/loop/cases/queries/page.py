"""The case page: one case with its whole story, what its customer went through, and their earlier answers and cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.customers.models import Customer
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.loop.cases.models import Case, CaseAlarm, CaseEvent
from app.loop.cases.queries import HIGHEST_NUMBER, closure_facts
from app.loop.cases.rules import ClosureFacts
from app.surveys.answering.models import Response
from app.surveys.answering.rules import Band, Scores, band
from app.surveys.design.definition import Answer
from app.surveys.design.question_types import type_of
from app.surveys.design.reading import read_version
from app.surveys.design.texts import pick
from app.surveys.outreach.models import Interaction

MOST_EARLIER = 5


@dataclass(frozen=True)
class Said:
    """One question in the reader's language and what was answered: None for nothing. `type` is the question's; a
    score has a band."""

    question: str
    answer: str | None
    type: str
    band: Band | None = None


@dataclass(frozen=True)
class CasePage:
    """All that the case page shows."""

    case: Case
    events: Sequence[CaseEvent]
    said: Sequence[Said]
    earlier_responses: Sequence[Response]
    other_cases: Sequence[Case]
    facts: ClosureFacts


def case_page(number: int, locale: str) -> CasePage:
    """The page of the case with this number; the number of statements does not grow with the story. Raises NotFound."""
    case = _load(number)
    return CasePage(
        case=case,
        events=list_events(case),
        said=_said(case.response, locale),
        earlier_responses=_earlier_responses(case),
        other_cases=_other_cases(case),
        facts=closure_facts(case),
    )


def list_events(case: Case) -> list[CaseEvent]:
    """The timeline of the case, oldest first."""
    query = select(CaseEvent).where(CaseEvent.case_id == case.id)
    return list(db.session.scalars(query.order_by(CaseEvent.at, CaseEvent.id)))


def has_alarm(case: Case, kind: str) -> bool:
    """Whether an alarm of this kind waits to be dealt with."""
    query = select(CaseAlarm.id).where(
        CaseAlarm.case_id == case.id, CaseAlarm.kind == kind, CaseAlarm.settled_at.is_(None)
    )
    return db.session.scalar(query.limit(1)) is not None


def _load(number: int) -> Case:
    response = joinedload(Case.response)
    query = select(Case).options(
        joinedload(Case.customer).options(selectinload(Customer.identifiers), selectinload(Customer.suppressions)),
        joinedload(Case.touchpoint),
        joinedload(Case.partner),
        joinedload(Case.owner),
        joinedload(Case.calendar_version),
        response.joinedload(Response.version),
        response.joinedload(Response.interaction).joinedload(Interaction.touchpoint),
        response.selectinload(Response.answers),
        selectinload(Case.pauses),
        selectinload(Case.closures),
        selectinload(Case.resolutions),
        selectinload(Case.root_causes),
    )
    found = db.session.scalar(query.where(Case.number == number)) if 0 < number <= HIGHEST_NUMBER else None
    if found is None:
        raise NotFound()
    return found


def _said(response: Response, locale: str) -> list[Said]:
    """Every question of the version in its order, with the answer when there is one."""
    survey = read_version(response.version)
    given = {row.question_key: Answer(row.number, row.text) for row in response.answers}
    said = []
    for question in survey.questions:
        answer = given.get(question.key)
        words, _language = pick(question.text, locale, survey.default_locale)
        shown = type_of(question).display(question, answer, locale, survey.default_locale) if answer else None
        said.append(Said(words, shown, question.type, _band(question.type, answer)))
    return said


def _band(question_type: str, answer: Answer | None) -> Band | None:
    number = answer.number if answer and question_type in ("nps", "csat") else None
    return None if number is None else band(Scores(**{question_type: int(number)}))


def _earlier_responses(case: Case) -> list[Response]:
    if case.customer_id is None:
        return []
    query = (
        select(Response)
        .where(Response.customer_id == case.customer_id, Response.id != case.response_id)
        .options(joinedload(Response.touchpoint))
        .order_by(Response.answered_at.desc(), Response.id)
        .limit(MOST_EARLIER)
    )
    return list(db.session.scalars(query))


def _other_cases(case: Case) -> list[Case]:
    if case.customer_id is None:
        return []
    query = (
        select(Case)
        .where(Case.customer_id == case.customer_id, Case.id != case.id)
        .options(joinedload(Case.touchpoint))
        .order_by(Case.number.desc())
        .limit(MOST_EARLIER)
    )
    return list(db.session.scalars(query))
