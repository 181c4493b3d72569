"""Working on a case: who owns it, the attempts to reach the customer, notes, how grave it is, and why it happened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import EllipsisType
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete

from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.errors import Conflict, Fault, Invalid
from app.loop.cases import rules
from app.loop.cases.models import Case, CaseContact, CaseEvent, CaseRootCause
from app.loop.cases.queries import list_root_causes
from app.loop.cases.queries.workers import list_workers
from app.loop.cases.service.clocks import FIRST_CONTACT, renew_first_contact, settle_alarms
from app.loop.cases.service.telling import (
    acting_user,
    clean_text,
    length_of,
    lock_case,
    lock_open_case,
    note_change,
    tell,
)
from app.loop.causes.rules import RootCause, validate_root_causes, with_shares
from app.tenants import queries as tenants
from app.tenants.models import User

_CHANNEL = re.compile(r"[a-z][a-z0-9_-]{0,31}")


def assign_case(number: int, user_id: UUID, *, expected: UUID | EllipsisType | None = ...) -> Case:
    """Give the case to a member who may work on cases; giving it to its owner changes nothing.

    `expected` is who owned it when the caller looked (None for nobody): Conflict when it is somebody else by now.
    Raises NotFound for the case, Conflict for a closed one and Invalid for somebody who cannot own a case.
    """
    with atomic():
        case = lock_open_case(number)
        if case.owner_id == user_id:
            return case
        if not isinstance(expected, EllipsisType) and expected != case.owner_id:
            raise Conflict(_changed_hands(case))
        member = _working_member(user_id, case)
        former = tenants.find_user(case.owner_id) if case.owner_id else None
        give(case, member)
        before = {"owner": former.email} if former else None
        note_change("case.assigned", case, before=before, after={"owner": member.email})
        return case


def give(case: Case, member: User | None, instead_of: User | None = None) -> None:
    """Make the member the owner of the case, or leave it without one; `instead_of` is for whom they stand in."""
    case.owner_id = member.id if member else None
    if member is None:
        return
    case.status = rules.status_after_assignment(case.status)
    settle_alarms(case, "unassigned")
    data = {"user_id": str(member.id), "name": member.name or member.email}
    if instead_of is not None:
        data["instead_of"] = instead_of.name or instead_of.email
    tell(case, "assigned", data=data)


def record_first_contact(number: int, channel: str, outcome: str, note: str = "") -> Case:
    """Keep an attempt to reach the customer: `outcome` is reached or attempted. The first that reached them stops the
    first-contact clock. Whoever makes contact over a case that nobody owns owns it.

    Raises NotFound, Conflict for a closed case, Invalid for an unknown outcome or channel.
    """
    with atomic() as session:
        case = lock_open_case(number)
        _check_contact(channel, outcome)
        note, now = clean_text("/note", note), clock.now()
        contact = {"channel": channel, "outcome": outcome, "note": note or None, "user_id": acting_user()}
        session.add(CaseContact(case_id=case.id, at=now, **contact))
        _own_if_nobody_does(case)
        is_reached = outcome == "reached"
        if is_reached and case.first_contact_at is None:
            case.first_contact_at = now
            settle_alarms(case, f"{FIRST_CONTACT}_breached")
        case.status = rules.status_after_contact(case.status, reached=is_reached)
        tell(case, "contacted" if is_reached else "contact_attempted", note, {"channel": channel})
        note_change("case.contacted", case, after={"channel": channel, "outcome": outcome})
        return case


def add_note(number: int, text: str) -> CaseEvent:
    """Write a line for the team into the timeline, also of a closed case. Raises NotFound, Invalid for no text."""
    with atomic():
        case = lock_case(number)
        note = clean_text("/note", text, needed=True)
        event = tell(case, "noted", note)
        assert event is not None
        note_change("case.noted", case, after=length_of(note))
        return event


def change_severity(number: int, severity: int, reason: str) -> Case:
    """Make the case graver (1 is the gravest) or milder; the first contact is then due as if it had been so always.

    Raises NotFound, Conflict for a closed case, Invalid for a severity outside 1 to 4 or no reason.
    """
    with atomic():
        case = lock_open_case(number)
        reason = clean_text("/reason", reason, needed=True)
        if severity not in (1, 2, 3, 4):
            raise Invalid(_("The severity is a number from 1 to 4."), [Fault("/severity", "1 to 4")])
        before = case.severity
        if severity != before:
            set_severity(case, severity, reason)
            note_change("case.severity_changed", case, before={"severity": before}, after={"severity": severity})
        return case


def set_severity(case: Case, severity: int, reason: str) -> None:
    """Put another severity on the case, with the clock that goes with it."""
    tell(case, "severity_changed", reason, {"from": case.severity, "to": severity})
    case.severity = severity
    if case.first_contact_at is None:
        renew_first_contact(case)


def set_root_causes(
    number: int, causes: Sequence[RootCause], note: str = "", *, expected: Sequence[RootCause] | None = None
) -> Case:
    """Replace the root causes of the case. Causes without shares get equal ones.

    `expected` is what they were when the caller looked: Conflict when somebody has changed them since.
    Raises NotFound, Conflict for a closed case, Invalid with every fault of the causes.
    """
    with atomic() as session:
        case = lock_open_case(number)
        note = clean_text("/note", note)
        if faults := validate_root_causes(causes, note):
            raise Invalid(_("These root causes cannot be stored."), faults)
        before = list_root_causes(case)
        if expected is not None and _as_json(expected) != _as_json(before):
            raise Conflict(_("Somebody has changed the root causes since you opened this page. Look at them again."))
        session.execute(delete(CaseRootCause).where(CaseRootCause.case_id == case.id))
        now, stored = clock.now(), with_shares(causes)
        for cause in stored:
            row = {"code": cause.code, "share": cause.share, "is_verified": cause.verified}
            session.add(CaseRootCause(case_id=case.id, at=now, **row))
        if case.status == "contacted":
            case.status = "investigating"
        tell(case, "causes_set", note, {"root_causes": _as_json(stored)})
        note_change(
            "case.causes_set",
            case,
            before={"root_causes": _as_json(before)},
            after={"root_causes": _as_json(stored)},
        )
        return case


def _check_contact(channel: str, outcome: str) -> None:
    if outcome not in ("reached", "attempted"):
        raise Invalid(_("Say whether you reached the customer."), [Fault("/outcome", "reached or attempted")])
    if not _CHANNEL.fullmatch(channel):
        raise Invalid(_("Say how you tried to reach the customer."), [Fault("/channel", "a word such as phone")])


def _working_member(user_id: UUID, case: Case) -> User:
    found = next((user for _row, user in list_workers(case) if user.id == user_id), None)
    if found is None:
        words = _("Only agents, team leads and admins who see this touchpoint can own the case.")
        raise Invalid(words, [Fault("/user", "cannot own this case")])
    return found


def _own_if_nobody_does(case: Case) -> None:
    actor = acting_user()
    if case.owner_id is None and actor is not None:
        give(case, next((user for _row, user in list_workers(case) if user.id == actor), None))


def _changed_hands(case: Case) -> str:
    if case.owner is None:
        return _("Nobody owns this case any more. Look at it again before you take it.")
    return _("%(name)s owns this case by now.", name=case.owner.name or case.owner.email)


def _as_json(causes: Sequence[RootCause]) -> list[dict[str, object]]:
    ordered = sorted(causes, key=lambda cause: cause.code)
    return [{"code": cause.code, "share": cause.share, "verified": cause.verified} for cause in ordered]
