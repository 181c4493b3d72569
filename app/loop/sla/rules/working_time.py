"""Working time: when so much of it has passed, how much has passed, and business days.

`due` and `elapsed` undo each other. Pauses are taken as a union, so that a pause outside working hours, or
inside another pause, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from app.loop.sla.rules.calendars import MIDNIGHT, Calendar

Span = tuple[datetime, datetime]
"""From an instant (included) to an instant (excluded)."""

HORIZON = timedelta(days=3653)
"""Ten years: a promise that no working time fulfils within them is a fault in the calendar."""


def due(calendar: Calendar, start: datetime, minutes: float, pauses: Iterable[Span] = ()) -> datetime:
    """The first instant at which `minutes` of working time have passed since `start`, pauses not counted.

    Time that starts outside working hours begins to count at the next opening; zero minutes are due at once.
    Raises ValueError for negative minutes, and when ten years do not hold that much working time.
    """
    left = timedelta(minutes=minutes)
    if left < timedelta(0):
        raise ValueError(f"{minutes} minutes cannot be waited for")
    begin = to_utc(start)
    if not left:
        return begin
    for opens, closes in _working_spans(calendar, begin, begin + HORIZON, pauses):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise ValueError("the calendar has not enough working time within ten years")


def elapsed(calendar: Calendar, start: datetime, end: datetime, pauses: Iterable[Span] = ()) -> float:
    """The minutes of working time from `start` to `end`, pauses not counted; 0 when `end` is not later."""
    spans = _working_spans(calendar, to_utc(start), to_utc(end), pauses)
    return sum((closes - opens for opens, closes in spans), timedelta(0)) / timedelta(minutes=1)


def add_business_days(calendar: Calendar, start: datetime, days: int) -> datetime:
    """The same time of day, `days` working days later.

    A working day is a date with working time. A start outside working hours (the instant of closing is
    outside) counts from the next opening; so zero days after it is that opening. Where the day reached has
    other hours, a time before or between them moves on to the next opening, one after them back to the last
    closing.
    Raises ValueError for negative days, and when ten years do not hold that many working days.
    """
    if days < 0:
        raise ValueError(f"{days} business days cannot be waited for")
    anchor = _next_opening(calendar, to_utc(start)).astimezone(calendar.zone)
    day = anchor.date()
    for _ in range(days):
        day = _next_working_day(calendar, day)
    return _clamp(datetime.combine(day, anchor.time(), calendar.zone), _day_spans(calendar, day))


def to_utc(moment: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError without an offset, which nobody can place."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no offset")
    return moment.astimezone(UTC)


def _working_spans(calendar: Calendar, start: datetime, end: datetime, pauses: Iterable[Span]) -> Iterator[Span]:
    """Working time between two instants with the pauses cut out, in order, in UTC."""
    # In the order of their beginnings, overlapping pauses need no joining: `begin` never moves back.
    cuts = sorted((to_utc(begin), to_utc(end)) for begin, end in pauses if begin < end)
    for opens, closes in _open_spans(calendar, start, end):
        begin = opens
        for pause_from, pause_to in cuts:
            if begin < min(pause_from, closes):
                yield begin, min(pause_from, closes)
            begin = max(begin, pause_to)
        if begin < closes:
            yield begin, closes


def _open_spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    day, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    while day <= last:
        for opens, closes in _day_spans(calendar, day):
            if max(opens, start) < min(closes, end):
                yield max(opens, start), min(closes, end)
        day += timedelta(days=1)


def _day_spans(calendar: Calendar, day: date) -> list[Span]:
    """The working hours of a date as instants; a change of the clocks makes them shorter or longer."""
    spans: list[Span] = []
    for opens, closes in calendar.hours_on(day):
        end_day = day + timedelta(days=1) if closes == MIDNIGHT else day
        begin = to_utc(datetime.combine(day, opens, calendar.zone))
        end = to_utc(datetime.combine(end_day, closes, calendar.zone))
        # A wall time that the clock skips may come out after a later one; no instant may count twice.
        begin = max(begin, spans[-1][1]) if spans else begin
        if begin < end:
            spans.append((begin, end))
    return spans


def _next_opening(calendar: Calendar, start: datetime) -> datetime:
    """`start` itself within working hours, else the next opening."""
    for opens, _ in _open_spans(calendar, start, start + HORIZON):
        return opens
    raise ValueError("the calendar has no working time within ten years")


def _next_working_day(calendar: Calendar, day: date) -> date:
    for offset in range(1, HORIZON.days):
        later = day + timedelta(days=offset)
        if _day_spans(calendar, later):
            return later
    raise ValueError("the calendar has no working day within ten years")


def _clamp(moment: datetime, spans: list[Span]) -> datetime:
    """The instant itself within one of the spans, else the next opening, else the last closing."""
    instant = to_utc(moment)
    for opens, closes in spans:
        if instant <= closes:
            return max(instant, opens)
    return spans[-1][1]
