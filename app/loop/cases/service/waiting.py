"""Waiting: for the customer, which stops the resolution clock for a while, or for others, which does not."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.db import atomic, find_row
from app.kernel.errors import Conflict, Fault, Invalid
from app.loop.cases import rules
from app.loop.cases.models import Case, CasePause
from app.loop.cases.service.clocks import begin_pause, end_pause, run_on
from app.loop.cases.service.telling import clean_text, length_of, lock_open_case, note_change, tell

WAITS = ("customer", "partner", "internal")
_PREFIX = "waiting_"


def set_waiting(number: int, waiting_for: str, reason: str) -> Case:
    """Say that the case waits for the customer, a partner or a team of ours (`internal`), and why.

    Only the wait for the customer stops the resolution clock, for ten business days at most over the whole case.
    Raises NotFound, Conflict for a closed case, one that waits so already or has no pause left, Invalid without reason.
    """
    with atomic():
        case = lock_open_case(number)
        reason = clean_text("/reason", reason, needed=True)
        if waiting_for not in WAITS:
            raise Invalid(_("Say whom the case waits for."), [Fault("/for", f"one of {', '.join(WAITS)}")])
        target = _PREFIX + waiting_for
        if not rules.can_move(case.status, target):
            raise Conflict(_("The case waits like this already."))
        leave_standstill(case)
        until = begin_pause(case, reason) if target in rules.PAUSING else None
        case.status = target
        tell(case, "waiting_began", reason, {"for": waiting_for, "until": until.isoformat() if until else None})
        note_change("case.waiting", case, after={"for": waiting_for} | length_of(reason))
        return case


def resume_work(number: int, note: str = "") -> Case:
    """Take the case up again: it no longer waits, or what was done has not solved it. Its resolution clock runs on.

    Raises NotFound, and Conflict for a case that is closed or neither waits nor is resolved.
    """
    with atomic():
        case = lock_open_case(number)
        note, before = clean_text("/note", note), case.status
        if not (is_waiting(case) or before == "resolved"):
            raise Conflict(_("The case is neither waiting nor resolved."))
        leave_standstill(case)
        case.status = "investigating"
        kind = "resolution_withdrawn" if before == "resolved" else "waiting_ended"
        tell(case, kind, note, {"for": before.removeprefix(_PREFIX)})
        note_change("case.resumed", case, before={"status": before})
        return case


def end_long_wait(case_id: UUID, pause_id: UUID) -> None:
    """Take the case up again when its wait for the customer has lasted as long as it may; nothing if it has ended."""
    with atomic():
        case = find_row(Case, case_id, lock=True)
        pause = find_row(CasePause, pause_id, lock=True)
        if case is None or pause is None or pause.ended_at is not None:
            return
        end_pause(case)
        case.status = "investigating"
        tell(case, "waiting_ended", data={"for": "customer", "is_limit": True})


def is_waiting(case: Case) -> bool:
    """Whether the case waits for somebody."""
    return case.status.startswith(_PREFIX)


def leave_standstill(case: Case) -> None:
    """Let the resolution clock run on when it stands still, because of a pause or of a resolution taken back."""
    end_pause(case)
    if case.resolved_at is not None:
        stopped_at, case.resolved_at = case.resolved_at, None
        # The CHECK on the row wants a resolved case to have its time, so that the status goes first.
        case.status = "investigating"
        run_on(case, stopped_at, clock.now())
