"""The keys that rows by day, week and month have, and the days that they stand for."""

from __future__ import annotations

from datetime import date, timedelta

_DAY = timedelta(days=1)


def key_of(period: str, day: date) -> str:
    """The key of the period that a day lies in: 2026-11-22, 2026-W47 or 2026-11."""
    if period == "day":
        return day.isoformat()
    if period == "week":
        year, number, _weekday = day.isocalendar()
        return f"{year:04}-W{number:02}"
    return f"{day.year:04}-{day.month:02}"


def days_of(period: str, key: str) -> tuple[date, date]:
    """The first and the last day of a period by its key: 2026-11-22, 2026-W47 or 2026-11."""
    if period == "day":
        day = date.fromisoformat(key)
        return day, day
    if period == "week":
        year, _letter, number = key.partition("-W")
        return date.fromisocalendar(int(year), int(number), 1), date.fromisocalendar(int(year), int(number), 7)
    first = date.fromisoformat(f"{key}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - _DAY


def days_within(period: str, key: str, first: date | None, last: date | None) -> tuple[date, date]:
    """The days of a period as far as they lie between `first` and `last`; None leaves an end open."""
    begins, ends = days_of(period, key)
    return max(begins, first or begins), min(ends, last or ends)


def keys_between(period: str, first: date, last: date, most: int) -> list[str]:
    """The keys of the periods from the one of `first` to that of `last`, without holes: the newest `most` of them."""
    keys: list[str] = []
    while last >= first and len(keys) < most:
        keys.append(key_of(period, last))
        last = days_of(period, keys[-1])[0] - _DAY
    return keys[::-1]
