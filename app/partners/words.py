"""Targets in words: what a measure is called, how its values are written, which side of a target is good."""

from __future__ import annotations

from datetime import date

from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _

from app.kernel.naming import readable
from app.partners.rules import MEAN
from app.web import dates
from app.web.words import MEASURE_WORDS, points, share

_MOST_DECIMALS = 2


def measure_words(measure: str) -> str:
    """What a measure is called; one that came with interactions goes by its name."""
    return str(MEASURE_WORDS[measure]) if measure in MEASURE_WORDS else readable(measure.partition(":")[2])


def month(key: str) -> str:
    """A month by its key: "Jan 2018"."""
    return dates.month(date.fromisoformat(f"{key}-01"))


def amount(measure: str, value: float, decimals: int | None = None) -> str:
    """A value in its unit, with as many decimals as it was agreed with, two at most, unless `decimals` says."""
    if measure.startswith(MEAN):
        return format_decimal(value, format="#,##0.##", locale=get_locale())
    if decimals is None:
        decimals = len(f"{round(value, _MOST_DECIMALS):g}".partition(".")[2])
    return points(value, decimals) if measure in ("nps", "emotion") else share(value, decimals)


def goal(measure: str, target: float, floor: float) -> str:
    """A target with its good side: "80 % or more", "3 % or less"."""
    value = amount(measure, target)
    return _("%(value)s or more", value=value) if target > floor else _("%(value)s or less", value=value)
