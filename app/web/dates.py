"""How pages write days and moments: the filters `dateformat` and `datetimeformat`, in the reader's language and zone.

"22 Nov 2026, 04:15" and never "11/22/26": digits alone are read as two different days on two sides of an ocean.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_datetime_format
from flask_babel import get_locale, to_user_timezone


def day(value: date, size: str = "medium") -> str:
    """The day of a date or moment: "22 Nov 2026", or with `size` "long" "22 November 2026"."""
    local = to_user_timezone(value) if isinstance(value, datetime) else value
    return str(format_date(local, "long" if size == "long" else "medium", locale=_date_locale()))


def month(value: date) -> str:
    """The month of a date: "Nov 2026"."""
    return str(format_skeleton("yMMM", value, locale=_date_locale()))


def month_of_year(value: date) -> str:
    """The month without its year, short: "Nov"."""
    return str(format_skeleton("MMM", value, locale=_date_locale()))


def day_of_month(value: date) -> str:
    """The day without its year: "22 Nov"."""
    return str(format_skeleton("MMMd", value, locale=_date_locale()))


def moment(value: datetime, size: str = "medium") -> str:
    """A moment by day and minute: "22 Nov 2026, 04:15"."""
    pattern = str(get_datetime_format("medium", _date_locale()))
    return pattern.replace("{0}", time_of_day(value)).replace("{1}", day(value, size))


def time_of_day(value: datetime, zone: ZoneInfo | None = None) -> str:
    """The time of a moment by minute, in the reader's zone or in another: "04:15"."""
    local = value.astimezone(zone) if zone else to_user_timezone(value)
    return str(format_time(local.timetz(), "short", locale=_date_locale()))


def _date_locale() -> Locale:
    """Plain English writes the day before the month, and counts 24 hours."""
    locale = get_locale()
    return locale if locale and str(locale) != "en" else Locale.parse("en_GB")
