"""What every verb of a case begins and ends with: hold the row, refuse what its state forbids, and tell what happened.

A line of the timeline is for whoever works on the case; the audit row beside it is for who asks later who did what.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from flask_babel import gettext as _

from app.kernel import clock, scope
from app.kernel.db import db
from app.kernel.errors import Conflict, Fault, Invalid
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.kernel.inserts import insert_if_new
from app.kernel.scope import Actor
from app.loop.cases.events import CaseTold
from app.loop.cases.models import Case, CaseEvent
from app.loop.cases.queries import get_case_by_number
from app.surveys.design.texts import is_blank, normalise_text
from app.tenants import audit

CUSTOMER = Actor("customer")
LONGEST_TEXT = 5000
_HANDS = ("user", "api_key")


def lock_case(number: int) -> Case:
    """The case, held until the transaction ends, so that two acts on it come one after the other. Raises NotFound."""
    return get_case_by_number(number, lock=True)


def lock_open_case(number: int) -> Case:
    """As lock_case, raising Conflict for a closed one."""
    case = lock_case(number)
    if case.status == "closed":
        raise Conflict(_("Case %(number)d is closed. Reopen it first if there is more to do.", number=number))
    return case


def clean_text(pointer: str, text: str | None, *, needed: bool = False) -> str:
    """The text as it is stored. Raises Invalid when it is too long, cannot be stored, or is missing though needed."""
    try:
        clean = normalise_text(text or "").strip()
    except ValueError as error:
        raise Invalid(_("The text holds a character that cannot be stored."), [Fault(pointer, str(error))]) from error
    if len(clean) > LONGEST_TEXT:
        detail = f"at most {LONGEST_TEXT} characters"
        raise Invalid(_("A text may have at most %(most)d characters.", most=LONGEST_TEXT), [Fault(pointer, detail)])
    if needed and is_blank(clean):
        raise Invalid(_("Write something first."), [Fault(pointer, "must not be empty")])
    return clean


def acting_user() -> UUID | None:
    """The person who acts, or None for a key, a customer and the system."""
    who = scope.actor()
    return who.id if who.kind == "user" else None


def tell(
    case: Case,
    kind: str,
    text: str | None = None,
    data: dict[str, Any] | None = None,
    *,
    at: datetime | None = None,
    actor: Actor | None = None,
    once: str | None = None,
) -> CaseEvent | None:
    """Add a line to the timeline of the case; with `once` only if none was added under that name before, else None.

    `data` is plain JSON.
    """
    who = actor or scope.actor()
    values = {
        "case_id": case.id,
        "at": at or clock.now(),
        "kind": kind,
        "actor_kind": who.kind,
        "actor_id": who.id,
        "actor_label": who.label,
        "text": text or None,
        "data": data or {},
    }
    if once is not None:
        return insert_if_new(CaseEvent, id=uuid5(case.id, f"{kind}:{once}"), **values)
    event = CaseEvent(id=new_id(), **values)
    db.session.add(event)
    if kind in TOLD:
        publish(CaseTold(event.id), is_history=case.is_historic)
    return event


TOLD = frozenset({"opened", "assigned", "contacted", "resolved", "closed", "reopened", "breached"})
"""The lines of a timeline that other systems may hear of; none of them is added under a name of its own."""


def length_of(text: str | None, name: str = "length") -> dict[str, int]:
    """What the audit row of an act keeps of a text: how long it is. The words stand in the timeline alone, which goes
    with the case: what is told of a customer is not kept twice."""
    return {name: len(text)} if text else {}


def note_change(
    action: str, case: Case, *, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None
) -> None:
    """Write the audit row of a change that a person or a key makes; the system's own acts are in the timeline."""
    if scope.actor().kind in _HANDS:
        audit.record(action, "case", str(case.number), before=before, after=after)
