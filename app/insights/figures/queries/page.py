"""What the figures page shows of each row besides its score: how it changed, or whether it stands out of its series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.insights.figures import words
from app.insights.figures.queries.answers import Counted
from app.insights.figures.queries.figure import figure, named_rows
from app.insights.figures.rules import PERIODS, FigureQuery, FigureRow, change, period_before
from app.metrics import xmr
from app.metrics.change import discoveries

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
    """The rows by one dimension, and of a series the values between which it usually lies, with a sentence on them."""

    rows: Sequence[Line] = ()
    sentence: str | None = None
    usual: tuple[float, float] | None = None


def lines(metric: str, query: FigureQuery, by: str, counted: Counted | None = None) -> Lines:
    """The rows of a figure by one dimension with their notes. Raises as `figure` does.

    Periods are one series, in which the chart of individual values finds what stands out. Of everything else each row
    is tested against the period before, all together: of forty rows two would have "changed" by chance alone.
    """
    counted = counted or Counted.now()
    found = named_rows(metric, query, by, counted)
    if by in PERIODS:
        return _series(metric, by, found)
    notes = _changes(metric, query, by, found, counted)
    return Lines([Line(key, name, row, notes.get(key)) for key, name, row in found])


def _series(metric: str, by: str, found: Sequence[Named]) -> Lines:
    series = [(key, row.figure.score) for key, _name, row in found if row.is_shown and row.figure.score is not None]
    chart = xmr.chart([score for _key, score in series])
    if chart is None:
        return Lines([Line(key, name, row, None) for key, name, row in found])
    notes = {series[at][0]: words.signal_words(rule) for at, rule in chart.signals}
    sentence = words.series_words(metric, by, chart.low, chart.high, len(notes))
    return Lines([Line(key, name, row, notes.get(key)) for key, name, row in found], sentence, (chart.low, chart.high))


def _changes(
    metric: str, query: FigureQuery, by: str, found: Sequence[Named], counted: Counted
) -> Mapping[str | None, str]:
    before = period_before(query)
    if before is None:
        return {}
    earlier = {row.keys[by]: row for row in figure(metric, replace(before, by=(by,)), counted) if row.is_shown}
    moved = {key: change(earlier.get(key), row) for key, _name, row in found if row.is_shown}
    tested = {key: one for key, one in moved.items() if one is not None}
    are_real = discoveries([one.p_value for one in tested.values()])
    return {
        key: words.change_words(metric, one, is_real=is_real)
        for (key, one), is_real in zip(tested.items(), are_real, strict=True)
    }
