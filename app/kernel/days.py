"""Days on the ground: which day it is in a time zone, and which instants a day holds there (23 to 25 hours of them)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_in(moment: datetime, zone: ZoneInfo) -> date:
    """The day that this is in the zone."""
    return moment.astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the day begins in the zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def span_of(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The half-open span of instants, in UTC, that the days from `first` to `last` cover in the zone."""
    return midnight(first, zone), midnight(last + timedelta(days=1), zone)
