"""The filter by which a figure leads to its answers: how an address spells it, and what pages say of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.surveys.answering.queries.behind import DIMENSIONS, METRICS, NONE, CountedFilter
from app.surveys.answering.rules import band_named
from app.web import dates

NAMES = ("metric", "from", "to", *DIMENSIONS)
"""What of an address belongs to the filter; `band` does besides, which lists know by themselves."""


def read_counted(asked: Mapping[str, str], zone: str) -> CountedFilter | None:
    """The filter in an address, or None without one; what cannot be read is left out."""
    metric = asked.get("metric")
    if metric not in METRICS:
        return None
    return CountedFilter(
        metric=metric,
        zone=zone,
        band=band_named(asked.get("band")),
        first=_day(asked.get("from")),
        last=_day(asked.get("to")),
        by={name: asked[name] for name in DIMENSIONS if asked.get(name)},
    )


def counted_words(wanted: CountedFilter) -> str:
    """Which metric and days the filter lets through, in a few words for the top of a list."""
    metric = {"nps": _("NPS"), "csat": _("CSAT"), "ces": _("CES"), "emotion": _("Emotion")}[wanted.metric]
    first, last = (dates.day(day) if day else None for day in (wanted.first, wanted.last))
    if first and last:
        return _("What counts in %(metric)s from %(first)s to %(last)s", metric=metric, first=first, last=last)
    if first:
        return _("What counts in %(metric)s from %(first)s on", metric=metric, first=first)
    if last:
        return _("What counts in %(metric)s until %(last)s", metric=metric, last=last)
    return _("What counts in %(metric)s", metric=metric)


def whole_words(wanted: CountedFilter) -> str:
    """The same with the keys, for a list that does not show these one by one."""
    return " · ".join([counted_words(wanted), *(str(key_words(key)) for key in wanted.by.values())])


def key_words(key: str) -> Any:
    """A key as a filter shows it."""
    return _("none") if key == NONE else key


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    # The last days of the calendar have no day after them in some zones.
    return day if day and 1900 <= day.year < 2200 else None
