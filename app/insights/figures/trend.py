"""A figure over time as pages show it: the chart, what it shows in words, and the rows of the table behind it.

Each period leads to the answers that it counts. A period that nobody answered in is a gap, and one with too few answers
or with people to protect is a gap too; the table says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.insights.figures import trend_words, words
from app.insights.figures.periods import days_of, days_within, keys_between
from app.insights.figures.queries import Line, Lines
from app.insights.figures.rules import FigureQuery, FigureRow, nobody
from app.tenants.access import member, tenant
from app.web.charts import sketches
from app.web.charts.drawing import Drawing, draw
from app.web.charts.sketches import COMPACT, COMPACT_NARROW, NARROW, WIDE

MOST_DRAWN = {"day": 62, "week": 53, "month": 36}
"""How many periods a chart can hold; older ones stand in the table alone."""


@dataclass(frozen=True)
class Point:
    """One period of a trend; `words` is its score or why there is none, `url` leads to its answers where one may."""

    key: str
    name: str
    row: FigureRow
    words: str
    note: str | None
    url: str


@dataclass(frozen=True)
class Trend:
    """A trend as its template needs it; `drawing` is None when no period has a score to show.

    `legend` has (kind of mark, what it means) of each mark that is on the chart.
    """

    metric: str
    title: str
    summary: str
    points: Sequence[Point]
    drawing: Drawing | None
    legend: Sequence[tuple[str, str]]
    is_in_rows: bool = False
    """Whether the page lists the same periods as its rows, so that the chart needs no table of its own."""
    is_compact: bool = False


def year(metric: str, query: FigureQuery, lines: Lines, *, is_compact: bool = False) -> Trend | None:
    """The twelve months of `query` (see rules.year_until); None when nobody answered in any of them."""
    assert query.first is not None and query.last is not None
    keys = keys_between("month", query.first, query.last, MOST_DRAWN["month"])
    return _trend(metric, "month", query, lines, keys, is_in_rows=False, is_compact=is_compact)


def periods(metric: str, by: str, query: FigureQuery, lines: Lines) -> Trend | None:
    """The newest of the periods that a page lists as rows, and those between them; None when there is none."""
    known = [line.key for line in lines.rows if line.key]
    if not known:
        return None
    keys = keys_between(by, days_of(by, known[0])[0], days_of(by, known[-1])[1], MOST_DRAWN[by])
    return _trend(metric, by, query, lines, keys, is_in_rows=True, is_compact=False)


def _trend(
    metric: str, by: str, query: FigureQuery, lines: Lines, keys: Sequence[str], *, is_in_rows: bool, is_compact: bool
) -> Trend | None:
    known = {line.key: line for line in lines.rows}
    if not known:
        return None
    points = [_point(metric, by, query, key, known.get(key)) for key in keys]
    shown = [(point.name, score) for point in points if (score := _score(point)) is not None]
    said = [trend_words.course_words(metric, by, shown, len(points)), lines.sentence or ""]
    if len(known.keys() - set(keys)):
        said.append(_("The newest are drawn; the table has all of them."))
    return Trend(
        metric,
        trend_words.trend_title(metric, by if is_in_rows else "year"),
        " ".join(filter(None, said)),
        points,
        _draw(metric, by, points, lines, is_compact=is_compact) if shown else None,
        _legend(points, lines) if shown else [],
        is_in_rows,
        is_compact,
    )


def _point(metric: str, by: str, query: FigureQuery, key: str, line: Line | None) -> Point:
    row = line.row if line else nobody(metric, by, key)
    figure = row.figure
    said = words.score_words(metric, figure.score, figure.n, is_suppressed=row.is_suppressed)
    is_open = figure.n and not row.is_suppressed
    url = _url(metric, *days_within(by, key, query.first, query.last)) if is_open else ""
    return Point(key, words.period_words(by, key), row, said, line.note if line else None, url)


def _url(metric: str, first: date, last: date) -> str:
    """Where the answers of these days are listed, for those who may read them."""
    if not member().may("responses.read"):
        return ""
    days: dict[str, Any] = {"from": first.isoformat(), "to": last.isoformat()}
    return url_for("answering_desk.index", tenant=tenant().slug, metric=metric, **days)


def _score(point: Point) -> float | None:
    return point.row.figure.score if point.row.is_shown else None


def _draw(metric: str, by: str, points: Sequence[Point], lines: Lines, *, is_compact: bool) -> Drawing:
    drawn = [
        sketches.Period(
            label=trend_words.axis_words(by, point.key, is_first=place == 0),
            value=_score(point),
            low=point.row.figure.low,
            high=point.row.figure.high,
            is_low_base=point.row.is_low_base,
            words=_spoken(metric, point),
            url=point.url,
            stands_out=point.note is not None,
        )
        for place, point in enumerate(points)
    ]
    sizes = (COMPACT, COMPACT_NARROW) if is_compact else (WIDE, NARROW)
    scale, unit = words.SCALES[metric], words.UNITS[metric]
    return draw(lambda size: sketches.trend(drawn, scale, size, unit, usual=lines.usual), sizes)


def _spoken(metric: str, point: Point) -> str:
    """A point in words, as it is read out and shown on hover."""
    figure = point.row.figure
    said = [f"{point.name}: {point.words}"]
    if figure.low is not None and figure.high is not None:
        ends = {"low": words.value_words(metric, figure.low), "high": words.value_words(metric, figure.high)}
        said.append(_("likely between %(low)s and %(high)s", **ends))
    return ", ".join([*said, _("n %(n)s", n=figure.n), *([point.note] if point.note else [])])


def _legend(points: Sequence[Point], lines: Lines) -> list[tuple[str, str]]:
    """The marks that are on the chart."""
    shown = [point for point in points if point.row.is_shown]
    return [
        ("range", _("likely range")),
        *([("few", _("fewer than 30 answers"))] if any(point.row.is_low_base for point in shown) else []),
        *([("usual", _("usual range"))] if lines.usual else []),
        *([("out", _("stands out"))] if any(point.note for point in shown) else []),
    ]
