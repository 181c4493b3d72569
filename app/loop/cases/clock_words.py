"""The clocks of a case in words: by when something is due, how late it is, how long the customer has been waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_time
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.loop.cases.models import Case
from app.loop.cases.rules import NEVER, PAUSING
from app.loop.sla import queries as sla
from app.loop.sla.rules import ClockSettings, ClockState, clock_state
from app.web.words import duration

_HOUR, _DAY = 60, 24 * 60
_CONTACT, _RESOLUTION = _l("First contact"), _l("Resolution")


@dataclass(frozen=True)
class Chip:
    """A clock as the `clock` component takes it."""

    words: str
    state: str
    at: str | None = None


def next_chip(case: Case, now: datetime, promised: ClockSettings) -> Chip:
    """The clock that runs out first, in words; where none runs, why."""
    if case.status == "closed":
        return Chip(_("Closed"), "done")
    if case.is_historic:
        return Chip(_("From history"), "quiet")
    if case.next_due_at == NEVER:
        waits = case.status in PAUSING
        return Chip(_("Waiting for the customer"), "quiet") if waits else Chip(_("Resolved, to be closed"), "done")
    is_contact = case.first_contact_at is None and case.next_due_at == case.first_contact_due_at
    return contact_chip(case, now, promised) if is_contact else resolution_chip(case, now)


def contact_chip(case: Case, now: datetime, promised: ClockSettings) -> Chip:
    """The customer's wall clock until the first contact."""
    due_at, done_at = case.first_contact_due_at, case.first_contact_at or case.closed_at
    if case.is_historic and done_at is None:
        return _of_then(_CONTACT, due_at)
    is_severe = case.severity == 1
    minutes = promised.severe_first_contact_minutes if is_severe else promised.first_contact_minutes
    return _chip(_CONTACT, clock_state(now, due_at - timedelta(minutes=minutes), due_at, done_at), due_at, _DAY)


def resolution_chip(case: Case, now: datetime) -> Chip:
    """The team's business clock until the resolution; its days are working days."""
    due_at, done_at = case.resolution_due_at, case.resolved_at or case.closed_at
    if case.is_historic and done_at is None:
        return _of_then(_RESOLUTION, due_at)
    if case.status in PAUSING and done_at is None:
        return Chip(_("Stands still while the customer is waited for"), "quiet")
    calendar = sla.read_version(case.calendar_version)
    pauses = [(pause.started_at, pause.ended_at or now) for pause in case.pauses]
    state = clock_state(now, case.opened_at, due_at, done_at, calendar, pauses)
    return _chip(_RESOLUTION, state, due_at, calendar.day_minutes)


def waited(case: Case, now: datetime) -> str:
    """How long the customer has been waiting for a word from us, or did wait, by their own clock."""
    if case.is_historic:
        return ""
    start = case.answered_at if case.reopened_count == 0 else _reopened_at(case)
    if case.first_contact_at is None and case.status != "closed":
        return _("The customer has been waiting for %(time)s.", time=duration(_minutes(now - start)))
    if case.first_contact_at is None:
        return ""
    return _("The customer waited %(time)s for the first word.", time=duration(_minutes(case.first_contact_at - start)))


def their_time(case: Case, now: datetime) -> str:
    """What time it is where the customer is, when that is known: nobody likes to be called at night."""
    zone = case.customer.timezone if case.customer else None
    if not zone:
        return ""
    local = format_time(now.astimezone(ZoneInfo(zone)).replace(tzinfo=None), "short", rebase=False)
    return _("It is %(time)s where they are.", time=local)


def age(case: Case, now: datetime) -> str:
    """How old the case is, in one unit: "8 days", "3 h"."""
    minutes = _minutes(now - case.opened_at)
    unit = _DAY if minutes >= _DAY else _HOUR if minutes >= _HOUR else 1
    return duration(minutes - minutes % unit)


def _chip(name: Any, state: ClockState, due_at: datetime, minutes_per_day: int) -> Chip:
    time, at = duration(int(state.minutes), minutes_per_day), due_at.isoformat()
    match state.level:
        case "late":
            return Chip(_("%(clock)s late by %(time)s", clock=name, time=time), "late", at)
        case "met":
            return Chip(_("%(clock)s in time", clock=name), "done", at)
        case "missed":
            return Chip(_("%(clock)s came %(time)s late", clock=name, time=time), "done", at)
        case level:
            return Chip(_("%(clock)s due in %(time)s", clock=name, time=time), level, at)


def _of_then(name: Any, due_at: datetime) -> Chip:
    """The clock of imported history: it stands where it stood and is late for nobody."""
    return Chip(_("%(clock)s was due on %(day)s", clock=name, day=format_date(due_at)), "quiet", due_at.isoformat())


def _reopened_at(case: Case) -> datetime:
    return max(closure.reopened_at for closure in case.closures if closure.reopened_at)


def _minutes(span: timedelta) -> int:
    return max(0, int(span.total_seconds() // 60))
