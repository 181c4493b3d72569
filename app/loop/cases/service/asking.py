"""Asking the partner of a case for facts: one question after another, each with a due time of its own."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.db import atomic, get_row
from app.kernel.errors import Conflict, Fault, Invalid, NotFound
from app.kernel.events import publish
from app.kernel.inserts import insert_if_new
from app.loop.cases import partner_rules as rules
from app.loop.cases.events import PartnerAsked
from app.loop.cases.models import Case, PartnerQuestion
from app.loop.cases.queries.partner import find_answer, find_open_question
from app.loop.cases.service.telling import clean_text, length_of, lock_case, lock_open_case, note_change, tell
from app.loop.cases.service.waiting import leave_standstill
from app.loop.sla import queries as sla


def ask_partner(number: int, text: str, business_days: int = rules.USUAL_DAYS) -> PartnerQuestion:
    """Ask the partner of the case something, to be answered within so many business days of the tenant's calendar.

    The case waits for the partner from now on, and no clock of the customer stops for that.
    Raises NotFound, Conflict for a closed or historic case, one without partner or with an open question, Invalid for
    an empty or unusable text or a number of days outside 1 to 20.
    """
    with atomic():
        case = lock_open_case(number)
        text = clean_text("/question", text, needed=True)
        if not 1 <= business_days <= rules.MOST_DAYS:
            detail = f"1 to {rules.MOST_DAYS}"
            raise Invalid(_("Give the partner 1 to 20 business days."), [Fault("/business_days", detail)])
        question = _insert(case, text, business_days)
        if rules.waits_for_answer(case.status):
            leave_standstill(case)
            case.status = rules.WAITING
        tell(case, "partner_asked", text, {"question": str(question.id), "due_at": question.due_at.isoformat()})
        note_change("case.partner_asked", case, after=length_of(text) | {"due_at": question.due_at.isoformat()})
        return question


def withdraw_question(number: int, question_id: UUID) -> None:
    """Take a question back that nobody has answered; taking it back twice changes nothing.

    Raises NotFound for a case or question that is not there, Conflict for one that was answered.
    """
    with atomic():
        case = lock_case(number)
        question = get_row(PartnerQuestion, question_id, lock=True)
        if question.case_id != case.id:
            raise NotFound()
        if find_answer(question.id) is not None:
            raise Conflict(_("The partner has answered this question."))
        if question.withdrawn_at is not None:
            return
        question.withdrawn_at = clock.now()
        if rules.ends_wait(case.status, has_open_question=False):
            case.status = "investigating"
        tell(case, "question_withdrawn", data={"question": str(question.id)})
        note_change("case.question_withdrawn", case, before=length_of(question.text))


def drop_question(case: Case) -> None:
    """Take back what the locked case still asks its partner: it is being closed without the answer."""
    question = find_open_question(case.id)
    if question is not None:
        question.withdrawn_at = clock.now()


def _insert(case: Case, text: str, business_days: int) -> PartnerQuestion:
    if case.partner_id is None:
        raise Conflict(_("No partner had a part in this, so there is nobody to ask."))
    if case.is_historic:
        raise Conflict(_("This is imported history: nobody is asked about it."))
    calendar, now = sla.calendar_in_force(), clock.now()
    values = {"case_id": case.id, "partner_id": case.partner_id, "text": text, "asked_at": now}
    due_at = rules.answer_due(calendar, now, business_days)
    question = insert_if_new(PartnerQuestion, due_at=due_at, **values)
    if question is None:
        raise Conflict(_("The partner has not answered the last question yet. Wait for it, or take it back."))
    publish(PartnerAsked(question.id))
    if remind_at := rules.reminder_due(calendar, now, business_days):
        publish(PartnerAsked(question.id, is_reminder=True), due_at=remind_at)
    return question
