"""Months: how one is written, which days it has, and when it is closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.kernel.days import day_in, midnight
from app.kernel.errors import Fault, Invalid

FREEZE_DAYS = 14
"""Answers that come later than this after the end of a month no longer move it (domain: frozen after 14 days)."""

TREND_MONTHS = 12
_WRITTEN = re.compile(r"(19|20|21)\d\d-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month in the tenant's time zone."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    def plus(self, months: int) -> Month:
        """This many months later, or earlier below 0."""
        year, month = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, month + 1)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The half-open span of instants: from its first midnight to that of the next month."""
        return midnight(self.first_day, zone), midnight(self.plus(1).first_day, zone)

    def closes_at(self, zone: ZoneInfo) -> datetime:
        """When it stops moving."""
        return midnight(self.plus(1).first_day + timedelta(days=FREEZE_DAYS), zone)

    def trend(self) -> list[Month]:
        """The months that a trend shows, this one last."""
        return [self.plus(place) for place in range(1 - TREND_MONTHS, 1)]


def parse_month(text: str) -> Month:
    """A month written as 2018-01. Raises Invalid for anything else."""
    if not _WRITTEN.fullmatch(text):
        raise Invalid("A period is a month such as 2018-01.", [Fault("/period", "must be a month such as 2018-01")])
    return Month(int(text[:4]), int(text[5:]))


def month_of(moment: datetime, zone: ZoneInfo) -> Month:
    """The month that a moment lies in."""
    day = day_in(moment, zone)
    return Month(day.year, day.month)


def check_begun(month: Month, now: datetime, zone: ZoneInfo) -> None:
    """Raises Invalid for a month that has not begun: nothing can be known of it."""
    if month > month_of(now, zone):
        raise Invalid("This month has not begun.", [Fault("/period", "lies in the future")])
