"""The figures page: one score with its interval, the same by any one dimension, and the way to what is behind each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

from app.insights.figures import queries, words
from app.insights.figures.periods import days_of
from app.insights.figures.rules import DIMENSIONS, PERIODS, FigureQuery, FigureRow
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
            begins, ends = days_of(self.by, line.key)
            first, last = max(begins, first or begins), min(ends, last or ends)
        return {"metric": self.metric, **_days(first, last), **by, **({"band": band} if band else {})}


@bp.get("/")
@permission("figures.read")
def index() -> tuple[str, int]:
    """One figure, in one row and by one dimension."""
    view, wrong, status = _read_view(), "", 200
    try:
        total, lines = queries.figure(view.metric, view.query)[0], queries.lines(view.metric, view.query, view.by)
    except Invalid as error:
        view, wrong, status = View(view.metric, view.by, FigureQuery()), str(error), 422
        total, lines = queries.figure(view.metric, view.query)[0], queries.Lines()
    page = {"view": view, "total": total, "lines": lines, "wrong": wrong, **_head(view, total), **_chips(view)}
    return render_template("figures/index.html", **words.page_words(view.metric), **page), status


def _head(view: View, total: FigureRow) -> dict[str, Any]:
    """What stands beside the score. Nothing does where it is hidden or rests on nobody."""
    if total.is_suppressed or not total.figure.n:
        return {"change": None, "groups": [], "beside": []}
    change = queries.change_in_words(view.metric, view.query, total)
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
    today = day_in(clock.now(), ZoneInfo(tenant().timezone))
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


def _read_view() -> View:
    wanted = request.args
    metric = wanted.get("metric") if wanted.get("metric") in METRICS else queries.first_answered()
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
