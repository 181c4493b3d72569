"""What the figures page shows of each row besides its score: how it changed, or whether it stands out of its series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.insights.figures import words
from app.insights.figures.queries.figure import figure, named_rows
from app.insights.figures.rules import PERIODS, FigureQuery, FigureRow, change, period_before
from app.metrics import xmr
from app.metrics.change import discoveries
from app.metrics.display import can_show_score

Named = tuple[str | None, str | None, FigureRow]


@dataclass(frozen=True)
class Line:
    """One row of the page; `note` says in words what is to be known about its score, or is None."""

    key: str | None
    name: str | None
    row: FigureRow
    note: str | None


@dataclass(frozen=True)
class Lines:
    """The rows by one dimension, and a sentence about all of them."""

    rows: Sequence[Line] = ()
    sentence: str | None = None


def lines(metric: str, query: FigureQuery, by: str) -> Lines:
    """The rows of a figure by one dimension with their notes. Raises as `figure` does.

    Periods are one series, in which the chart of individual values finds what stands out. Of everything else each row
    is tested against the period before, all together: of forty rows two would have "changed" by chance alone.
    """
    found = named_rows(metric, query, by)
    if by in PERIODS:
        notes, sentence = _signals(metric, by, found)
    else:
        notes, sentence = _changes(metric, query, by, found), None
    return Lines([Line(key, name, row, notes.get(key)) for key, name, row in found], sentence)


def _signals(metric: str, by: str, found: Sequence[Named]) -> tuple[Mapping[str | None, str], str | None]:
    series = [(key, row.figure.score) for key, _name, row in found if _is_shown(row) and row.figure.score is not None]
    chart = xmr.chart([score for _key, score in series])
    if chart is None:
        return {}, None
    notes = {series[at][0]: words.signal_words(rule) for at, rule in chart.signals}
    return notes, words.series_words(metric, by, chart.low, chart.high, len(notes))


def _changes(metric: str, query: FigureQuery, by: str, found: Sequence[Named]) -> Mapping[str | None, str]:
    before = period_before(query)
    if before is None:
        return {}
    earlier = {row.keys[by]: row for row in figure(metric, replace(before, by=(by,))) if _is_shown(row)}
    moved = {key: change(earlier.get(key), row) for key, _name, row in found if _is_shown(row)}
    tested = {key: one for key, one in moved.items() if one is not None}
    are_real = discoveries([one.p_value for one in tested.values()])
    return {
        key: words.change_words(metric, one, is_real=is_real)
        for (key, one), is_real in zip(tested.items(), are_real, strict=True)
    }


def _is_shown(row: FigureRow) -> bool:
    return not row.is_suppressed and can_show_score(row.figure.n)
