"""The figures page: one score with its interval, the same by any one dimension, and the way to what is behind each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

from app.insights.figures import queries, trend, words
from app.insights.figures.periods import days_within
from app.insights.figures.rules import DIMENSIONS, PERIODS, FigureQuery, FigureRow, year_until
from app.kernel import clock
from app.kernel.days import day_in
from app.kernel.errors import Invalid
from app.metrics.figures import METRICS
from app.surveys.answering.queries.behind import NONE
from app.tenants.access import permission, tenant

bp = Blueprint("figures", __name__, template_folder="templates", url_prefix="/t/<tenant>/figures")


@dataclass(frozen=True)
class View:
    """What the address asks to see; anything that cannot be read falls back to the default."""

    metric: str
    by: str
    query: FigureQuery

    def address(self, **changes: str | None) -> str:
        """The address of this view with some of its parts changed; None takes one out."""
        parts = {"metric": self.metric, "by": self.by, **_days(self.query.first, self.query.last), **changes}
        return "?" + urlencode({name: part for name, part in parts.items() if part})

    def behind(self, line: queries.Line | None = None, band: str | None = None) -> dict[str, str]:
        """The parts of an address that lead to the answers of a row (None: of all), or of a group of them."""
        first, last, by = self.query.first, self.query.last, {}
        if line is not None and self.by not in PERIODS:
            by = {self.by: line.key or NONE}
        elif line is not None and line.key:
            first, last = days_within(self.by, line.key, first, last)
        return {"metric": self.metric, **_days(first, last), **by, **({"band": band} if band else {})}


@bp.get("/")
@permission("figures.read")
def index() -> tuple[str, int]:
    """One figure, in one row and by one dimension."""
    counted = queries.Counted.now()
    view, wrong, status = _read_view(counted), "", 200
    try:
        total = queries.figure(view.metric, view.query, counted)[0]
        lines = queries.lines(view.metric, view.query, view.by, counted)
    except Invalid as error:
        view, wrong, status = View(view.metric, view.by, FigureQuery()), str(error), 422
        total, lines = queries.figure(view.metric, view.query, counted)[0], queries.Lines()
    page = {"view": view, "total": total, "lines": lines, "trend": _trend(view, lines, counted), "wrong": wrong}
    page |= {**_head(view, total, counted), **_chips(view), **words.page_words(view.metric)}
    return render_template("figures/index.html", **page), status


def _trend(view: View, lines: queries.Lines, counted: queries.Counted) -> trend.Trend | None:
    """The periods that the rows are grouped by; above other rows the twelve months until the last day looked at."""
    if view.by in PERIODS:
        return trend.periods(view.metric, view.by, view.query, lines)
    past = year_until(view.query.last or _today())
    return trend.year(view.metric, past, queries.lines(view.metric, past, "month", counted))


def _head(view: View, total: FigureRow, counted: queries.Counted) -> dict[str, Any]:
    """What stands beside the score. Nothing does where it is hidden or rests on nobody."""
    if total.is_suppressed or not total.figure.n:
        return {"change": None, "groups": [], "beside": []}
    change = queries.change_in_words(view.metric, view.query, total, counted)
    groups = words.groups(view.metric, total.figure)
    return {"change": change, "groups": groups, "beside": words.beside(total.figure)}


def _chips(view: View) -> dict[str, Any]:
    def chip(text: Any, is_active: bool, **changes: str | None) -> dict[str, Any]:
        return {"text": text, "url": view.address(**changes), "is_active": is_active}

    shown = (view.query.first, view.query.last)
    return {
        "metric_chips": [chip(words.METRIC_WORDS[name], name == view.metric, metric=name) for name in METRICS],
        "dimension_chips": [chip(words.DIMENSION_WORDS[name], name == view.by, by=name) for name in DIMENSIONS],
        "period_chips": [
            chip(text, (first, last) == shown, **{"from": None, "to": None, **_days(first, last)})
            for text, first, last in _periods()
        ],
    }


def _periods() -> list[tuple[Any, date | None, date | None]]:
    """(words, first day, last day) of the periods that most people want, up to today in the tenant's zone."""
    today = _today()
    year_ago = today.replace(day=1) - timedelta(days=330)
    spans = {
        "month": today - timedelta(days=29),
        "quarter": today - timedelta(days=89),
        "year": year_ago.replace(day=1),
    }
    return [
        (words.PERIOD_WORDS["all"], None, None),
        *((words.PERIOD_WORDS[name], first, today) for name, first in spans.items()),
    ]


def _today() -> date:
    return day_in(clock.now(), ZoneInfo(tenant().timezone))


def _read_view(counted: queries.Counted) -> View:
    wanted = request.args
    metric = wanted.get("metric") if wanted.get("metric") in METRICS else queries.first_answered(counted)
    by = wanted.get("by") if wanted.get("by") in DIMENSIONS else "touchpoint"
    query = FigureQuery(first=_day(wanted.get("from")), last=_day(wanted.get("to")))
    return View(str(metric), str(by), query)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _days(first: date | None, last: date | None) -> dict[str, str]:
    """Two days as an address has them."""
    return {name: day.isoformat() for name, day in (("from", first), ("to", last)) if day}
