"""What the partner of a case was asked and has said: the same rows for the brand and for the partner itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select

from app.kernel.db import db
from app.loop.cases.models import PartnerQuestion, PartnerStatement


@dataclass(frozen=True)
class Exchange:
    """One step of the talk with a partner: a question with its answer, or a fact that nobody had asked for."""

    question: PartnerQuestion | None
    statement: PartnerStatement | None


def is_open() -> ColumnElement[bool]:
    """Whether a question still waits: an answer counts from the moment it is kept, heard by the case or not."""
    answered = select(PartnerStatement.id).where(
        PartnerStatement.tenant_id == PartnerQuestion.tenant_id, PartnerStatement.question_id == PartnerQuestion.id
    )
    return and_(PartnerQuestion.withdrawn_at.is_(None), PartnerQuestion.answered_at.is_(None), ~answered.exists())


def find_open_question(case_id: UUID) -> PartnerQuestion | None:
    """The question of the case that waits for its answer, or None."""
    return db.session.scalar(select(PartnerQuestion).where(PartnerQuestion.case_id == case_id, is_open()))


def open_questions(case_ids: Iterable[UUID]) -> dict[UUID, PartnerQuestion]:
    """The open question of each of these cases that has one, by case."""
    query = select(PartnerQuestion).where(PartnerQuestion.case_id.in_(list(case_ids)), is_open())
    return {question.case_id: question for question in db.session.scalars(query)}


def list_statements(case_id: UUID) -> list[PartnerStatement]:
    """What the partner has said about the case, oldest first."""
    query = select(PartnerStatement).where(PartnerStatement.case_id == case_id)
    return list(db.session.scalars(query.order_by(PartnerStatement.at, PartnerStatement.id)))


def find_answer(question_id: UUID) -> PartnerStatement | None:
    """The answer to a question, or None."""
    return db.session.scalar(select(PartnerStatement).where(PartnerStatement.question_id == question_id))


def list_exchanges(case_id: UUID) -> Sequence[Exchange]:
    """The whole talk about the case, newest first; what is open comes before everything."""
    asked = db.session.scalars(select(PartnerQuestion).where(PartnerQuestion.case_id == case_id))
    said = list_statements(case_id)
    answers = {statement.question_id: statement for statement in said}
    talk = [Exchange(question, answers.get(question.id)) for question in asked]
    talk += [Exchange(None, statement) for statement in said if statement.question_id is None]
    return sorted(talk, key=_newest_first, reverse=True)


def _newest_first(step: Exchange) -> tuple[bool, str]:
    question, statement = step.question, step.statement
    waits = question is not None and statement is None and question.withdrawn_at is None
    at = statement.at if statement else question.asked_at if question else None
    assert at is not None
    return waits, at.isoformat()
