"""What can be asked of a figure, and what may be shown of the answer: dimensions, periods and the anonymity rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal

from app.metrics.change import Change
from app.metrics.display import can_show_score, is_low_base
from app.metrics.emotion_figure import EmotionFigure
from app.metrics.figures import Figure, change_between, figure_of
from app.metrics.nps import NpsFigure
from app.metrics.scale import ScaleFigure

ENTITIES = ("touchpoint", "partner", "department", "journey", "stage", "channel", "survey")
PERIODS = ("day", "week", "month")
DIMENSIONS = ENTITIES + PERIODS
KINDS = ("transactional", "relationship", "internal")
"""Kinds of survey that count; follow-up surveys never do, and kinds never mix."""

FEWEST_ANONYMOUS = 5
"""An anonymous group below this size is not shown (domain: anonymity threshold for scores)."""

Basis = Literal["response", "interaction"]
Keys = tuple[str | None, ...]


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""The days that figures reach: in every zone they have a day before and a day after."""


@dataclass(frozen=True)
class FigureQuery:
    """One question: which answers, grouped by what. Dates are inclusive, in the tenant's zone."""

    basis: Basis = "response"
    first: date | None = None
    last: date | None = None
    by: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kind: str = "transactional"


@dataclass(frozen=True)
class Tally:
    """The answers of one group by value, and how many of them are from anonymous surveys."""

    keys: Keys
    by_value: Mapping[int, int]
    anonymous: int

    @property
    def n(self) -> int:
        """How many answers."""
        return sum(self.by_value.values())


@dataclass(frozen=True)
class FigureRow:
    """One row of the answer: its keys, its figure, and whether people have to be protected from being recognised."""

    keys: dict[str, str | None]
    figure: Figure
    is_suppressed: bool = False

    @property
    def is_low_base(self) -> bool:
        """Fewer than 30 answers."""
        return is_low_base(self.figure.n)

    @property
    def is_shown(self) -> bool:
        """Whether a page may show the score: nobody has to be protected, and enough have answered."""
        return not self.is_suppressed and can_show_score(self.figure.n)


def compute(metric: str, tallies: Sequence[Tally], by: tuple[str, ...]) -> list[FigureRow]:
    """The rows of a figure. A question without dimensions has one row, also when nobody answered."""
    if not tallies and not by:
        tallies = [Tally((), {}, 0)]
    hidden = _hidden(tallies)
    return [
        FigureRow(dict(zip(by, tally.keys, strict=True)), figure_of(metric, tally.by_value), tally.keys in hidden)
        for tally in sorted(tallies, key=lambda tally: tuple((key is None, key or "") for key in tally.keys))
    ]


def change(before: FigureRow | None, after: FigureRow) -> Change | None:
    """How a figure has changed since an earlier period that shares no answer with it.

    None where one of them has no answers or is hidden, or where there is no test (an emotion that does not vary).
    """
    if before is None or before.is_suppressed or after.is_suppressed:
        return None
    return change_between(before.figure, after.figure)


def _hidden(tallies: Sequence[Tally]) -> set[Keys]:
    """Groups that hold a few anonymous answers; and enough others that a total minus the rest reveals none of them."""
    hidden = {tally.keys for tally in tallies if 0 < tally.anonymous < FEWEST_ANONYMOUS}
    if not hidden:
        return hidden
    concealed = sum(tally.anonymous for tally in tallies if tally.keys in hidden)
    for tally in sorted((t for t in tallies if t.keys not in hidden and t.anonymous), key=lambda t: t.anonymous):
        if concealed >= FEWEST_ANONYMOUS and len(hidden) > 1:
            break
        hidden.add(tally.keys)
        concealed += tally.anonymous
    return hidden


def period_before(query: FigureQuery) -> FigureQuery | None:
    """The equally long span just before, or None without both dates: disjoint, so that the change can be tested."""
    if not (query.first and query.last):
        return None
    length = query.last - query.first + timedelta(days=1)
    if query.first - length < FIRST_DAY:
        return None
    return replace(query, first=query.first - length, last=query.last - length)


def year_until(last: date) -> FigureQuery:
    """The twelve months that end with the one of `last`, by month, as far as `last`."""
    months = last.year * 12 + last.month - 12
    return FigureQuery(first=date(months // 12, months % 12 + 1, 1), last=last, by=("month",))


def nobody(metric: str, by: str, key: str) -> FigureRow:
    """The row of a group that has no answers."""
    return compute(metric, [Tally((key,), {}, 0)], (by,))[0]


def serialise(row: FigureRow) -> dict[str, Any]:
    """A row as the API writes it; a suppressed one carries its keys and nothing else."""
    figure = row.figure
    words: dict[str, Any] = {"n": figure.n, "score": figure.score, "low": figure.low, "high": figure.high}
    match figure:
        case NpsFigure():
            words |= {"promoters": figure.promoters, "passives": figure.passives, "detractors": figure.detractors}
        case ScaleFigure():
            words |= {"top": figure.top, "mean": figure.mean, "counts": _by_name(figure.counts)}
        case EmotionFigure():
            words |= {"positive": figure.positive, "negative": figure.negative, "net": figure.net}
            words["counts"] = _by_name(figure.counts)
    if row.is_suppressed:
        words = dict.fromkeys(words)
    rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in words.items()}
    return {"keys": row.keys, **rounded, "low_base": row.is_low_base, "suppressed": row.is_suppressed}


def _by_name(counts: Mapping[int, int]) -> dict[str, int]:
    return {str(value): answers for value, answers in counts.items()}
