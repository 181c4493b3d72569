"""The keys that rows by day, week and month have, and the days that they stand for."""

from __future__ import annotations

from datetime import date, timedelta


def days_of(period: str, key: str) -> tuple[date, date]:
    """The first and the last day of a period by its key: 2026-11-22, 2026-W47 or 2026-11."""
    if period == "day":
        day = date.fromisoformat(key)
        return day, day
    if period == "week":
        year, _letter, number = key.partition("-W")
        return date.fromisocalendar(int(year), int(number), 1), date.fromisocalendar(int(year), int(number), 7)
    first = date.fromisoformat(f"{key}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
