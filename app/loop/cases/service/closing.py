"""Closing a case: only when what its outcome claims has happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.errors import Conflict, Fault, Invalid
from app.kernel.events import publish
from app.loop.cases import rules
from app.loop.cases.events import CaseClosed
from app.loop.cases.models import Case, CaseClosure
from app.loop.cases.queries import closure_facts, find_case_by_number
from app.loop.cases.rules import Missing
from app.loop.cases.service.asking import drop_question
from app.loop.cases.service.clocks import end_pause, settle_alarms
from app.loop.cases.service.resolving import resolve_case
from app.loop.cases.service.telling import (
    acting_user,
    clean_text,
    length_of,
    lock_case,
    lock_open_case,
    note_change,
    tell,
)
from app.loop.cases.service.working import set_root_causes
from app.loop.causes.rules import RootCause


class NotClosable(Conflict):
    """The case cannot be closed like this yet; `missing` says what is still to happen."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        faults = [Fault(each.pointer, each.detail) for each in missing]
        super().__init__(_("The case cannot be closed like this yet."), faults)
        self.missing = tuple(missing)


@dataclass(frozen=True)
class WrapUp:
    """All that the closing panel of the case page holds. `causes` is None where they stay as they are; `seen_causes`
    are those that the page showed."""

    outcome: str
    note: str = ""
    into: int | None = None
    action_taken: str = ""
    message_to_customer: str = ""
    causes: Sequence[RootCause] | None = None
    causes_note: str = ""
    seen_causes: Sequence[RootCause] | None = None


def close_case(number: int, outcome: str, note: str = "", into: int | None = None) -> Case:
    """Close the case with this outcome. `into` is the number of the case that a merged one goes into.

    Raises NotFound, Conflict for a case that is closed, NotClosable with all that is missing, Invalid for an unknown
    outcome, an unusable note, or a case to merge into that is not there.
    """
    with atomic() as session:
        case = lock_open_case(number)
        note = clean_text("/note", note)
        if outcome not in rules.OUTCOMES:
            raise Invalid(_("Choose how the case ends."), [Fault("/outcome", f"one of {', '.join(rules.OUTCOMES)}")])
        target = _target(into) if outcome == "merged" else None
        if missing := rules.missing_for_closure(outcome, closure_facts(case, note, into)):
            raise NotClosable(missing)
        end_pause(case)
        drop_question(case)
        now = clock.now()
        closure = CaseClosure(case_id=case.id, at=now, outcome=outcome, note=note or None, user_id=acting_user())
        closure.into_case_id = target.id if target else None
        session.add(closure)
        session.flush()
        case.status, case.closed_at, case.closure_outcome = "closed", now, outcome
        settle_alarms(case)
        _tell_closed(case, target, outcome, note)
        note_change("case.closed", case, after={"outcome": outcome, "into": into} | length_of(note))
        if not case.is_historic:
            publish(CaseClosed(case.id, closure.id))
        return case


def wrap_up(number: int, what: WrapUp, *, closes: bool = True) -> Case:
    """Keep the causes, the resolution with its message, and close the case (when `closes`): all of it, or nothing.

    Raises what set_root_causes, resolve_case and close_case raise.
    """
    with atomic():
        case = lock_case(number)
        if what.causes is not None:
            case = set_root_causes(number, what.causes, what.causes_note, expected=what.seen_causes)
        if what.action_taken.strip() or not closes:
            case = resolve_case(number, what.action_taken, what.message_to_customer)
        if closes:
            case = close_case(number, what.outcome, what.note, what.into)
        return case


def _target(into: int | None) -> Case | None:
    """The case to merge into. Raises Invalid when there is no such case or it has itself gone into another."""
    if into is None:
        return None
    target = find_case_by_number(into)
    if target is None:
        raise Invalid(_("There is no case %(number)d.", number=into), [Fault("/into", "unknown case")])
    if target.closure_outcome == "merged":
        detail = _("Case %(number)d has itself been merged into another.", number=into)
        raise Invalid(detail, [Fault("/into", "merged itself")])
    return target


def _tell_closed(case: Case, target: Case | None, outcome: str, note: str) -> None:
    tell(case, "closed", note, {"outcome": outcome, "into": target.number if target else None})
    if target is not None:
        tell(target, "case_merged", note, {"number": case.number})
