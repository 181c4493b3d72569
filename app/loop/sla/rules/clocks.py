"""The two promises of a case and how they stand: first contact in wall time, resolution in business days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.loop.sla.rules.calendars import Calendar
from app.loop.sla.rules.working_time import Span, add_business_days, due, elapsed, to_utc

Level = Literal["quiet", "soon", "late", "met", "missed"]


@dataclass(frozen=True)
class ClockSettings:
    """What a tenant promises: first contact in wall minutes, resolution in business days."""

    first_contact_minutes: int = 24 * 60
    severe_first_contact_minutes: int = 60
    resolution_days: int = 5
    max_pause_days: int = 10


@dataclass(frozen=True)
class ClockState:
    """How a clock stands: `minutes` remain (quiet, soon, met) or are overdue (late, missed).

    `share` of the time is used up: 0 at the start, 1 when due, more than 1 afterwards.
    """

    level: Level
    minutes: float
    share: float


SOON_FROM = 0.75
"""The used-up share from which on a clock says "soon"."""


def first_contact_due(answered_at: datetime, severity: int, settings: ClockSettings) -> datetime:
    """When somebody must have been in touch: wall time from the customer's answer, which no pause stops."""
    is_severe = severity == 1
    minutes = settings.severe_first_contact_minutes if is_severe else settings.first_contact_minutes
    return to_utc(answered_at) + timedelta(minutes=minutes)


def resolution_due(
    opened_at: datetime, calendar: Calendar, settings: ClockSettings, pauses: Iterable[Span] = ()
) -> datetime:
    """When the case must be solved: business days from its opening, put off by its pauses.

    They put it off by the working time in them, but by no more than `settings.max_pause_days` business days.
    A pause that still lasts is given as ending now.
    """
    unpaused = add_business_days(calendar, opened_at, settings.resolution_days)
    paused = due(calendar, opened_at, elapsed(calendar, opened_at, unpaused), pauses)
    # The end of one working day and the opening of the next are the same point of working time: a clock that
    # was not paused keeps the later one, which it was given at the start.
    return min(max(unpaused, paused), add_business_days(calendar, unpaused, settings.max_pause_days))


def resumed_due(calendar: Calendar, stopped_at: datetime, due_at: datetime, resumed_at: datetime) -> datetime:
    """When a clock is due that stood still between two instants: the working time it had left counts on.

    A clock that was late when it stopped stays as late as it was.
    """
    if stopped_at >= due_at:
        return to_utc(due_at)
    left = elapsed(calendar, stopped_at, due_at)
    return max(to_utc(due_at), due(calendar, resumed_at, left))


def pause_ends(calendar: Calendar, started_at: datetime, earlier: Iterable[Span], settings: ClockSettings) -> datetime:
    """When a pause that starts now ends at the latest: all pauses of a case together may last `max_pause_days`.

    The start itself when the earlier pauses have used them up.
    """
    most = elapsed(calendar, started_at, add_business_days(calendar, started_at, settings.max_pause_days))
    used = sum(elapsed(calendar, begin, end) for begin, end in earlier)
    return due(calendar, started_at, max(0.0, most - used))


def clock_state(
    now: datetime,
    start: datetime,
    due_at: datetime,
    done_at: datetime | None,
    calendar: Calendar | None = None,
    pauses: Sequence[Span] = (),
) -> ClockState:
    """How the clock that started at `start` stands at `now`, or stood when it was stopped at `done_at`.

    With a calendar it is measured in working time (give the pauses that are in `due_at`), else in wall time.
    Whether it is late is decided by the instants alone; a stop at the due time itself is in time.
    """
    at = to_utc(now if done_at is None else done_at)
    used, total = _minutes(calendar, start, at, pauses), _minutes(calendar, start, due_at, pauses)
    share = used / total if total else 1.0
    if at > to_utc(due_at):
        return ClockState("late" if done_at is None else "missed", _minutes(calendar, due_at, at, pauses), share)
    remaining = _minutes(calendar, at, due_at, pauses)
    if done_at is not None:
        return ClockState("met", remaining, share)
    return ClockState("soon" if share >= SOON_FROM else "quiet", remaining, share)


def _minutes(calendar: Calendar | None, start: datetime, end: datetime, pauses: Iterable[Span]) -> float:
    if calendar is not None:
        return elapsed(calendar, start, end, pauses)
    return max(timedelta(0), to_utc(end) - to_utc(start)) / timedelta(minutes=1)
