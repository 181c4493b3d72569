"""The figures page: one score with its interval, and the same by any one dimension."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from app.insights.figures import queries, words
from app.insights.figures.rules import DIMENSIONS, METRICS, FigureQuery
from app.kernel.errors import Invalid
from app.tenants.access import permission

bp = Blueprint("figures", __name__, template_folder="templates", url_prefix="/t/<tenant>/figures")


@dataclass(frozen=True)
class View:
    """What the address asks to see; anything that cannot be read falls back to the default."""

    metric: str
    by: str
    query: FigureQuery

    def address(self, **changes: str) -> dict[str, str]:
        """The parts of the address of this view with some of them changed."""
        days = {"from": self.query.first, "to": self.query.last}
        kept = {name: day.isoformat() for name, day in days.items() if day}
        return {"metric": self.metric, "by": self.by, **kept, **changes}


@bp.get("/")
@permission("figures.read")
def index() -> tuple[str, int]:
    """One figure, in one row and by one dimension."""
    view, wrong, status = _read_view(), "", 200
    try:
        total = queries.figure(view.metric, view.query)[0]
        rows = queries.named_rows(view.metric, view.query, view.by)
    except Invalid as error:
        view, wrong, status = View(view.metric, view.by, FigureQuery()), str(error), 422
        total, rows = queries.figure(view.metric, view.query)[0], []
    page: dict[str, Any] = {"view": view, "total": total, "rows": rows, "wrong": wrong, **_chips(view)}
    change = queries.change_in_words(view.metric, view.query) if not wrong else None
    return render_template("figures/index.html", change=change, **words.page_words(view.metric), **page), status


def _chips(view: View) -> dict[str, Any]:
    def chip(text: Any, is_active: bool, **changes: str) -> dict[str, Any]:
        return {"text": text, "url": "?" + urlencode(view.address(**changes)), "is_active": is_active}

    return {
        "metric_chips": [chip(words.METRIC_WORDS[name], name == view.metric, metric=name) for name in METRICS],
        "dimension_chips": [chip(words.DIMENSION_WORDS[name], name == view.by, by=name) for name in DIMENSIONS],
    }


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
