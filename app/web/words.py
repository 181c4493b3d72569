"""How figures are named and written: MEASURE_WORDS, and what templates use as filters."""

from __future__ import annotations

import re

from babel.numbers import get_decimal_symbol
from flask_babel import get_locale, gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.metrics.display import format_points

MEASURE_WORDS = {
    "nps": _l("NPS"),
    "csat": _l("CSAT"),
    "ces": _l("CES"),
    "emotion": _l("Emotion"),
    "late": _l("Late"),
    "first_contact": _l("First contact in time"),
    "resolution": _l("Solved in time"),
}
"""What is measured of everybody, by the name under which it is stored."""

_MINUS_SIGN = "\N{MINUS SIGN}"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_HOUR = 60


def points(value: float, decimals: int = 0) -> str:
    """Points with their sign in the reader's notation: +25, or 12 behind a true minus sign. Zero has no sign."""
    written = format_points(value, decimals).replace("-", _MINUS_SIGN)
    return written.replace(".", get_decimal_symbol(get_locale() or "en"))


def share(value: float, decimals: int = 0) -> str:
    """Percent without a plus sign: 84 %. `value` is in percent, not a fraction."""
    return gettext("%(number)s %%", number=points(value, decimals).lstrip("+"))


def duration(minutes: int, minutes_per_day: int = 24 * _HOUR) -> str:
    """A length of time in its two largest units: "3 h 20 min", "2 days 4 h", "less than a minute".

    `minutes_per_day` is the length of a working day where the time is working time. Raises ValueError when negative.
    """
    if minutes < 0:
        raise ValueError("a duration is not negative")
    days, rest = divmod(minutes, minutes_per_day)
    hours, rest = divmod(rest, _HOUR)
    parts = [
        ngettext("%(num)d day", "%(num)d days", days) if days else "",
        gettext("%(hours)d h", hours=hours) if hours else "",
        gettext("%(minutes)d min", minutes=rest) if rest and not days else "",
    ]
    return " ".join(part for part in parts if part) or gettext("less than a minute")


def isolated(text: str) -> str:
    """A text in an unknown writing direction, kept from turning what stands around it: on paper there is no <bdi>."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


def css_colour(value: str | None) -> str:
    """`value` when it is a colour such as #0f6b70, else nothing: a tenant's text never becomes a style rule."""
    return value if value and _COLOUR.fullmatch(value) else ""
