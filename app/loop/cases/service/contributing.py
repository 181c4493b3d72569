"""The partner's part in a case: it answers what it is asked, and adds facts; the case hears of both a moment later.

The two verbs run with the eyes of the partner, who may write its own statements and nothing else: what follows from
them (the line in the timeline, the end of the wait) is done by a job with the eyes of the staff.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from flask_babel import gettext as _

from app.kernel import clock, scope
from app.kernel.db import atomic, find_row, get_row
from app.kernel.errors import Conflict, NotFound
from app.kernel.events import publish
from app.kernel.inserts import insert_if_new
from app.kernel.scope import Actor
from app.loop.cases import partner_rules as rules
from app.loop.cases.events import PartnerSpoke
from app.loop.cases.models import Case, PartnerQuestion, PartnerStatement
from app.loop.cases.queries.partner import find_answer, find_open_question, list_statements
from app.loop.cases.service.telling import clean_text, length_of, lock_case, note_change, tell


def answer_question(number: int, question_id: UUID, text: str) -> PartnerStatement:
    """Keep the answer of the acting partner's user to a question; the same answer again is the same answer.

    A late one counts, and is marked as late. Raises NotFound for a case or question that is not there for this partner,
    Conflict when the case is closed or the question was taken back or answered otherwise, Invalid for no or too long a
    text.
    """
    with atomic():
        case = _listening_case(number)
        question = get_row(PartnerQuestion, question_id)
        if question.case_id != case.id:
            raise NotFound()
        text = clean_text("/text", text, needed=True)
        before = find_answer(question.id)
        if before is not None and before.text == text:
            return before
        if before is not None:
            raise Conflict(_("This question has been answered. Add what is left to say as a fact."))
        if question.withdrawn_at is not None:
            raise Conflict(_("This question was taken back. Add what you know as a fact."))
        return _keep(case, question.id, text, f"answer:{question.id}")


def add_fact(number: int, text: str) -> PartnerStatement:
    """Keep a fact that the acting partner's user tells; the same words again, with nothing else between, are one fact.

    Raises NotFound for a case that is not there for this partner, Conflict for a closed one, Invalid for no or too long
    a text.
    """
    with atomic():
        case = _listening_case(number)
        text = clean_text("/text", text, needed=True)
        said = [(statement.id, statement.text) for statement in list_statements(case.id)]
        return _keep(case, None, text, rules.name_of_saying(text, said))


def hear_partner(statement_id: UUID) -> None:
    """Take what a partner has said into the timeline; the case goes back to its owner when it waited for that. Once."""
    with atomic():
        said = get_row(PartnerStatement, statement_id)
        case = get_row(Case, said.case_id, lock=True)
        question = find_row(PartnerQuestion, said.question_id, lock=True)
        if _tell(case, said, question) is None:
            return
        if question is not None:
            question.answered_at = said.at
        waits_on = find_open_question(case.id) is not None
        if rules.ends_wait(case.status, has_open_question=waits_on):
            case.status = "investigating"


def _listening_case(number: int) -> Case:
    """The partner's case, held. The lock makes an answer come before a closure or after it, never beside it."""
    case = lock_case(number)
    if scope.partner_id() is None or case.partner_id != scope.partner_id():
        raise NotFound()
    if case.status == "closed" or case.is_historic:
        raise Conflict(_("This case is closed. Nothing was saved."))
    return case


def _keep(case: Case, question_id: UUID | None, text: str, name: str) -> PartnerStatement:
    who, made_id = scope.actor(), uuid5(case.id, name)
    values = {"case_id": case.id, "partner_id": case.partner_id, "question_id": question_id, "at": clock.now()}
    statement = insert_if_new(
        PartnerStatement, id=made_id, text=text, author_id=who.id, author_name=who.label, **values
    )
    if statement is None:
        return get_row(PartnerStatement, made_id)
    note_change("case.partner_spoke", case, after=length_of(text))
    publish(PartnerSpoke(statement.id))
    return statement


def _tell(case: Case, said: PartnerStatement, question: PartnerQuestion | None) -> object | None:
    """The line of the timeline, or None when it stands there already."""
    kind, data = "partner_added", dict[str, Any]()
    if question is not None:
        kind = "partner_answered"
        data = {"question": str(question.id), "is_late": rules.is_late(said.at, question.due_at)}
    who = Actor("partner", said.author_id, said.author_name)
    return tell(case, kind, said.text, data, at=said.at, actor=who, once=str(said.id))
