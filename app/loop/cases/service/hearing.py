"""Hearing the customer on their own page: that it is not solved, thanks, and what they write with it."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.db import atomic, find_row
from app.kernel.errors import Conflict, Fault, Gone, Invalid, NotFound
from app.kernel.scope import SYSTEM
from app.loop.cases import customer_rules as rules
from app.loop.cases.models import Case
from app.loop.cases.queries.customer import find_customers_case, list_lines
from app.loop.cases.service.reopening import reopen_for_customer
from app.loop.cases.service.telling import CUSTOMER, clean_text, tell
from app.loop.cases.service.waiting import leave_standstill
from app.surveys.answering.models import Response
from app.tenants import queries as tenants


def hear_customer(response_id: UUID, act: str, words: str = "") -> Case:
    """Take what the customer of this response says (`act` is not_solved or thanks) into the timeline of their case.

    Said again in the same words it is heard once, until the team has resolved or closed the case anew. "Not solved"
    gives a resolved or closed case to somebody else; words end a wait for the customer.
    Raises NotFound for an unknown response, Conflict while no case has been opened for it, Gone when the case is
    history or was closed too long ago, Invalid for another act or an unusable text.
    """
    with atomic():
        case = _listening_case(response_id)
        words = clean_text("/words", words)
        kind = next((kind for known, kind in rules.ACTS.items() if known == act), None)
        if kind is None:
            raise Invalid(_("Please press one of the two buttons."), [Fault("/act", "not_solved or thanks")])
        name = rules.name_of_saying(words, (line.kind for line in list_lines(case)))
        if tell(case, kind, words, actor=CUSTOMER, once=name) is None:
            return case
        if rules.reopens(kind, case.status):
            reopen_for_customer(case)
        elif rules.ends_wait(words, case.status):
            leave_standstill(case)
            case.status = "investigating"
            tell(case, "waiting_ended", data={"for": "customer"}, actor=SYSTEM)
        return case


def _listening_case(response_id: UUID) -> Case:
    case = find_customers_case(response_id, lock=True)
    if case is None:
        if find_row(Response, response_id) is None:
            raise NotFound()
        raise Conflict(_("We are still reading your answer. Nothing was saved; please try again in a minute."))
    days = tenants.settings().follow_up_days
    if not rules.is_listening(case.status, case.closed_at, case.is_historic, days, clock.now()):
        raise Gone(_("This was closed long ago, so nobody would read it here. Nothing was saved."))
    return case
