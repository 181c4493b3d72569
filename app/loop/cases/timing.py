"""What the pages of cases say about time: how a clock stands, how long somebody waits, how long ago something was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import to_user_timezone

from app.kernel import clock
from app.loop.cases.models import Case, PartnerQuestion
from app.loop.cases.rules import PAUSING
from app.loop.sla import queries as sla
from app.loop.sla.rules import Calendar, ClockSettings, ClockState, clock_state
from app.web.dates import moment, time_of_day
from app.web.words import duration


@dataclass(frozen=True)
class Chip:
    """A clock as the `clock` component takes it."""

    words: str
    state: str
    at: str | None = None


def contact_chip(case: Case, now: datetime, promised: ClockSettings) -> Chip:
    """The customer's wall clock until the first contact."""
    start = case.first_contact_due_at - timedelta(minutes=_contact_minutes(case, promised))
    state = clock_state(now, start, case.first_contact_due_at, case.first_contact_at or case.closed_at)
    return _chip(_l("First contact"), state, case.first_contact_due_at)


def resolution_chip(case: Case, now: datetime) -> Chip:
    """The team's business clock until the resolution."""
    if case.status in PAUSING:
        return Chip(_("The clock stands still: waiting for the customer"), "quiet")
    calendar = sla.read_version(case.calendar_version)
    pauses = [(pause.started_at, pause.ended_at or now) for pause in case.pauses]
    done_at = case.resolved_at or case.closed_at
    state = clock_state(now, case.opened_at, case.resolution_due_at, done_at, calendar, pauses)
    return _chip(_l("Resolution"), state, case.resolution_due_at, calendar.day_minutes)


def answer_chip(question: PartnerQuestion, now: datetime, calendar: Calendar) -> Chip:
    """The partner's own clock until its answer, in business time of the tenant's calendar."""
    state = clock_state(now, question.asked_at, question.due_at, None, calendar)
    return _chip(_l("Answer"), state, question.due_at, calendar.day_minutes)


def waited_words(case: Case, now: datetime) -> str:
    """How long the customer has waited by the clock on their own wall, day and night."""
    ended_at = case.resolved_at or case.closed_at
    time = _rough(int(((ended_at or now) - case.answered_at).total_seconds() // 60))
    return _("The customer waited %(time)s.", time=time) if ended_at else _("The customer waits: %(time)s.", time=time)


def customers_time(case: Case, now: datetime) -> str | None:
    """What time it is where the customer is; None when we do not know where."""
    zone = case.customer.timezone if case.customer else None
    # What a sender has written is a known zone: the door lets nothing else in.
    return time_of_day(now, ZoneInfo(zone)) if zone else None


def age_words(since: datetime, now: datetime | None = None) -> str:
    """How long ago, in its largest unit: "2 d", "5 h", "12 min", "now"."""
    minutes = int(((now or clock.now()) - since).total_seconds() // 60)
    if minutes >= 24 * 60:
        return _("%(days)s d", days=minutes // (24 * 60))
    if minutes >= 60:
        return _("%(hours)d h", hours=minutes // 60)
    return _("%(minutes)d min", minutes=minutes) if minutes > 0 else _("now")


def moment_words(at: datetime) -> str:
    """A moment as people say it: "today, 14:05", "yesterday, 09:30", else with its date."""
    days = (to_user_timezone(clock.now()).date() - to_user_timezone(at).date()).days
    if days not in (0, 1):
        return moment(at)
    time = time_of_day(at)
    return _("today, %(time)s", time=time) if days == 0 else _("yesterday, %(time)s", time=time)


def _contact_minutes(case: Case, promised: ClockSettings) -> int:
    return promised.severe_first_contact_minutes if case.severity == 1 else promised.first_contact_minutes


def _rough(minutes: int, day_minutes: int = 24 * 60) -> str:
    """A length of time without what nobody reads: from ten hours on in whole hours, from ten days on in whole days."""
    unit = day_minutes if minutes >= 10 * day_minutes else 60 if minutes >= 600 else 1
    return duration(minutes - minutes % unit, day_minutes)


def _chip(name: Any, state: ClockState, due_at: datetime, day_minutes: int = 24 * 60) -> Chip:
    time = _rough(int(state.minutes), day_minutes)
    if state.level == "late":
        return Chip(_("%(clock)s late by %(time)s", clock=name, time=time), "late", due_at.isoformat())
    if state.level in ("met", "missed"):
        words = _("%(clock)s in time") if state.level == "met" else _("%(clock)s came too late")
        return Chip(words % {"clock": name}, "done", due_at.isoformat())
    return Chip(_("%(clock)s due in %(time)s", clock=name, time=time), state.level, due_at.isoformat())
