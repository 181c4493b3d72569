"""Business calendars: the hours of a week, holidays, make-up workdays, and their form as plain JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from zoneinfo import ZoneInfo

Hours = tuple[tuple[time, time], ...]
"""The working hours of a day in wall time, in order; midnight as an end means the end of the day."""

MIDNIGHT = time(0)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIELDS = {"timezone", "week", "holidays", "workdays", "workday_hours"}
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True)
class Calendar:
    """When a team works, in the wall time of an IANA zone.

    `week` maps the weekday (0 is Monday) to its hours; a weekday left out is free. `holidays` are free on any
    weekday. `workdays` are make-up days, worked on any weekday: they have `workday_hours`, or, when that is
    None, the hours of the first weekday that has any (Monday's, as a rule).

    Raises ValueError when the zone is unknown, hours overlap or run backwards, a date is both a holiday and a
    make-up day, or the week has no working time at all.
    """

    timezone: str
    week: Mapping[int, Hours]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    workday_hours: Hours | None = None

    def __post_init__(self) -> None:
        _check_zone(self.timezone)
        for weekday, hours in self.week.items():
            if weekday not in range(7):
                raise ValueError(f"weekday {weekday!r} is not between 0 (Monday) and 6 (Sunday)")
            _check_hours(hours)
        _check_hours(self.workday_hours or ())
        if not any(self.week.values()):
            raise ValueError("the week has no working time")
        if both := self.holidays & self.workdays:
            raise ValueError(f"{min(both)} is both a holiday and a make-up day")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def day_minutes(self) -> int:
        """How long a working day is: that of the first weekday that has hours, Monday as a rule."""
        hours = next(self.week[n] for n in range(7) if self.week.get(n))
        return sum((_minute(closes) or 24 * 60) - _minute(opens) for opens, closes in hours)

    def hours_on(self, day: date) -> Hours:
        """The working hours of this date; empty when it is free."""
        if day in self.workdays:
            return self.workday_hours or next(self.week[n] for n in range(7) if self.week.get(n))
        return () if day in self.holidays else self.week.get(day.weekday(), ())


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def default_calendar(timezone: str) -> Calendar:
    """Monday to Friday, 09:00 to 18:00, no holidays."""
    return Calendar(timezone, {weekday: ((time(9), time(18)),) for weekday in range(5)})


def calendar_to_json(calendar: Calendar) -> dict[str, object]:
    """The calendar as plain JSON, from which `calendar_from_json` makes an equal one."""
    document: dict[str, object] = {
        "timezone": calendar.timezone,
        "week": {WEEKDAYS[n]: _hours_to_json(hours) for n, hours in sorted(calendar.week.items()) if hours},
        "holidays": sorted(day.isoformat() for day in calendar.holidays),
        "workdays": sorted(day.isoformat() for day in calendar.workdays),
    }
    if calendar.workday_hours is not None:
        document["workday_hours"] = _hours_to_json(calendar.workday_hours)
    return document


def calendar_from_json(document: object) -> Calendar:
    """The calendar of `{"timezone": "Asia/Shanghai", "week": {"mon": [["09:00", "18:00"]]}}`.

    `holidays` and `workdays` are lists of dates, `workday_hours` is like a day of the week; all three may be
    left out. A day that ends at midnight ends at "24:00". Raises ValueError that names the fault.
    """
    fields = _mapping(document, "a calendar")
    if unknown := fields.keys() - FIELDS:
        raise ValueError(f"a calendar has no field {min(unknown)!r}")
    week = _mapping(fields.get("week"), "week")
    if strange := week.keys() - set(WEEKDAYS):
        raise ValueError(f"{min(strange)!r} is not one of {' '.join(WEEKDAYS)}")
    workday_hours = fields.get("workday_hours")
    return Calendar(
        timezone=_text(fields.get("timezone"), "timezone"),
        week={WEEKDAYS.index(name): _hours(hours, name) for name, hours in week.items() if hours != []},
        holidays=_dates(fields.get("holidays", []), "holidays"),
        workdays=_dates(fields.get("workdays", []), "workdays"),
        workday_hours=None if workday_hours is None else _hours(workday_hours, "workday_hours"),
    )


def _hours_to_json(hours: Hours) -> list[list[str]]:
    return [[f"{opens:%H:%M}", "24:00" if closes == MIDNIGHT else f"{closes:%H:%M}"] for opens, closes in hours]


def _mapping(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError(f"{name} is not an object")
    return value


def _list(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{name} is not a list")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a text")
    return value


def _dates(value: object, name: str) -> frozenset[date]:
    try:
        return frozenset(date.fromisoformat(_text(day, "a date")) for day in _list(value, name))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _hours(value: object, name: str) -> Hours:
    hours: list[tuple[time, time]] = []
    for interval in _list(value, name):
        match interval:
            case [str() as opens, str() as closes]:
                hours.append((_time(opens), MIDNIGHT if closes == "24:00" else _time(closes)))
            case _:
                raise ValueError(f'{name}: {interval!r} is not a pair like ["09:00", "18:00"]')
    return tuple(hours)


def _time(text: str) -> time:
    if not _CLOCK.fullmatch(text):
        raise ValueError(f"{text!r} is not a time like 09:00")
    return time.fromisoformat(text)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone") from error


def _check_hours(hours: Hours) -> None:
    if any(moment.tzinfo is not None for interval in hours for moment in interval):
        raise ValueError("working hours are wall times without an offset")
    for opens, closes in hours:
        if closes != MIDNIGHT and closes <= opens:
            raise ValueError(f"working hours end at {closes} before they begin at {opens}")
    for (_, closes), (opens, _) in pairwise(hours):
        if closes == MIDNIGHT or opens < closes:
            raise ValueError(f"working hours that begin at {opens} overlap or precede those until {closes}")
