"""What was measured of an interaction, in words for pages."""

from __future__ import annotations

from collections.abc import Mapping

from babel.numbers import format_decimal
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from app.kernel.naming import readable


def measure_words(measures: Mapping[str, float]) -> list[str]:
    """Each measure in words: "3 days late"; what has no words of its own goes by its name: "Weight: 2.5"."""
    return [_measure(name, value) for name, value in measures.items()]


def _measure(name: str, value: float) -> str:
    if name == "late_days" and value == int(value):
        return _late(int(value))
    return f"{readable(name)}: {format_decimal(value, locale=get_locale())}"


def _late(days: int) -> str:
    if days > 0:
        return ngettext("%(num)d day late", "%(num)d days late", days)
    return ngettext("%(num)d day early", "%(num)d days early", -days) if days else _("on time")
