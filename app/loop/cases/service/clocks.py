"""The clocks of a case: started, paused and run on, and what is recorded when one runs out.

A due time is computed when something happens to the case and kept on its row; the watch over it is an outbox row that
is held back until then, so that no process has to remember it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.kernel import clock
from app.kernel.db import atomic, db, find_row, get_row
from app.kernel.errors import Conflict
from app.kernel.events import publish
from app.kernel.inserts import insert_if_new
from app.loop.cases.events import ClockStarted, PauseStarted
from app.loop.cases.models import Case, CaseAlarm, CasePause
from app.loop.cases.queries import calendar_of, find_reopened_at
from app.loop.cases.rules import PAUSING
from app.loop.cases.service.telling import tell
from app.loop.sla import queries as sla
from app.loop.sla.rules import Span, first_contact_due, pause_ends, resumed_due
from app.surveys.answering.models import Response

FIRST_CONTACT, RESOLUTION = "first_contact", "resolution"


def clock_starts(response: Response) -> datetime:
    """From when the customer waits for us: their answer, or its receipt when it reached us later.

    Imported history keeps its own times.
    """
    return response.answered_at if response.is_historic else max(response.answered_at, response.received_at)


def renew_first_contact(case: Case, starts_at: datetime | None = None) -> None:
    """Work out anew by when the customer must have heard from us: for the case's severity, counted from `starts_at`
    or else from when this clock started before.
    """
    case.first_contact_due_at = first_contact_due(starts_at or _waits_since(case), case.severity, sla.clock_settings())
    start_clock(case, FIRST_CONTACT)


def _waits_since(case: Case) -> datetime:
    return find_reopened_at(case.id) or clock_starts(get_row(Response, case.response_id))


def start_clock(case: Case, name: str) -> None:
    """Watch over the due time that stands on the case now; earlier watches of this clock find that it has moved."""
    if case.is_historic:
        return
    due_at = _due_at(case, name)
    publish(ClockStarted(case.id, name, due_at.isoformat()), due_at=due_at)


def run_on(case: Case, stopped_at: datetime, resumed_at: datetime) -> None:
    """Let the resolution clock, which has stood still in between, run on with the time it had left."""
    case.resolution_due_at = resumed_due(calendar_of(case), stopped_at, case.resolution_due_at, resumed_at)
    start_clock(case, RESOLUTION)


def begin_pause(case: Case, reason: str) -> datetime:
    """Stop the resolution clock; returns when it runs on by itself. Raises Conflict when no pause is left."""
    now = clock.now()
    ends_at = pause_ends(calendar_of(case), now, _spans(case.id, before=now), sla.clock_settings())
    if ends_at <= now:
        raise Conflict(
            _("This case has waited for the customer as long as it may. Work on it without them, or close it.")
        )
    pause = CasePause(case_id=case.id, started_at=now, reason=reason)
    db.session.add(pause)
    db.session.flush()
    if not case.is_historic:
        publish(PauseStarted(case.id, pause.id), due_at=ends_at)
    return ends_at


def end_pause(case: Case) -> None:
    """Let the resolution clock run on, when it is paused: from now, or from when the pause had to end."""
    open_pause = select(CasePause).where(CasePause.case_id == case.id, CasePause.ended_at.is_(None))
    pause = db.session.scalar(open_pause)
    if pause is None:
        return
    earlier = _spans(case.id, before=pause.started_at)
    latest = pause_ends(calendar_of(case), pause.started_at, earlier, sla.clock_settings())
    pause.ended_at = min(clock.now(), latest)
    run_on(case, pause.started_at, pause.ended_at)


def settle_alarms(case: Case, *kinds: str) -> None:
    """Mark the alarms of these kinds as dealt with; all of the case's when none is named."""
    waiting = (CaseAlarm.case_id == case.id) & CaseAlarm.settled_at.is_(None)
    if kinds:
        waiting &= CaseAlarm.kind.in_(kinds)
    db.session.execute(update(CaseAlarm).where(waiting).values(settled_at=clock.now()))


def raise_alarm(case: Case, kind: str, due_at: datetime, settled_at: datetime | None = None) -> bool:
    """Make something about the case seen; returns whether it is new: one kind is raised once per time missed."""
    values = {"case_id": case.id, "kind": kind, "due_at": due_at, "at": clock.now(), "settled_at": settled_at}
    return insert_if_new(CaseAlarm, **values) is not None


def record_breach(case_id: UUID, name: str, due_at: datetime) -> None:
    """Record that a clock has run out at `due_at`, unless it was stopped in time or its due time has moved since.

    What was done late is recorded too, as an alarm that is settled already.
    """
    with atomic():
        case = find_row(Case, case_id, lock=True)
        if case is None or case.is_historic or _due_at(case, name) != due_at:
            return
        stopped_at = _stopped_at(case, name)
        is_paused = name == RESOLUTION and case.status in PAUSING
        if is_paused or (stopped_at is not None and stopped_at <= due_at):
            return
        if raise_alarm(case, f"{name}_breached", due_at, stopped_at):
            tell(case, "breached", data={"clock": name, "due_at": due_at.isoformat()})


def _due_at(case: Case, name: str) -> datetime:
    return case.first_contact_due_at if name == FIRST_CONTACT else case.resolution_due_at


def _stopped_at(case: Case, name: str) -> datetime | None:
    return (case.first_contact_at if name == FIRST_CONTACT else case.resolved_at) or case.closed_at


def _spans(case_id: UUID, *, before: datetime) -> list[Span]:
    earlier = select(CasePause).where(CasePause.case_id == case_id, CasePause.started_at < before)
    return [(pause.started_at, pause.ended_at) for pause in db.session.scalars(earlier) if pause.ended_at]
