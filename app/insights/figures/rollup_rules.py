"""How responses add up to cells, and which cells answer a question."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from app.insights.figures.rules import Basis, FigureQuery
from app.metrics.figures import METRICS

Grain = Literal["day", "month"]
BASES: tuple[Basis, ...] = ("response", "interaction")
GRAINS: tuple[Grain, ...] = ("day", "month")


class Fact(NamedTuple):
    """What one response adds to the cells: the columns of RollupFact, in their order."""

    id: UUID
    survey_kind: str
    survey_id: UUID
    touchpoint_id: UUID | None
    partner_id: UUID | None
    department_id: UUID | None
    response_day: date
    interaction_day: date
    is_nameless: bool
    nps: int | None
    csat: int | None
    ces: int | None
    emotion: int | None


class CellKey(NamedTuple):
    """What one cell is about: the columns of RollupCell without its counts."""

    survey_kind: str
    basis: Basis
    grain: Grain
    day: date
    survey_id: UUID
    touchpoint_id: UUID | None
    partner_id: UUID | None
    department_id: UUID | None
    metric: str
    value: int

    @property
    def id(self) -> UUID:
        """The cell's id: the same for the same key, whoever counts. The database derives it alike (`cells_of_all`)."""
        text = "|".join("" if part is None else str(part) for part in self)
        return UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


@dataclass
class Count:
    """What is in a cell, or how much it changes: responses, and those of nobody known among them."""

    n: int = 0
    nameless: int = 0

    def add(self, n: int, nameless: int) -> None:
        """Add to both, or take away."""
        self.n += n
        self.nameless += nameless


def cells_of(fact: Fact) -> Iterator[CellKey]:
    """The cells in which a response counts: for each metric it counts in and each basis of time, day and month."""
    for metric in METRICS:
        value = getattr(fact, metric)
        if value is None:
            continue
        for basis, day in zip(BASES, (fact.response_day, fact.interaction_day), strict=True):
            key = CellKey(
                fact.survey_kind,
                basis,
                "day",
                day,
                fact.survey_id,
                fact.touchpoint_id,
                fact.partner_id,
                fact.department_id,
                metric,
                value,
            )
            yield key
            yield key._replace(grain="month", day=day.replace(day=1))


def difference(stored: Iterable[Fact], current: Iterable[Fact]) -> Mapping[CellKey, Count]:
    """How the cells change when the stored facts give way to the current ones."""
    counts: defaultdict[CellKey, Count] = defaultdict(Count)
    for facts, sign in ((stored, -1), (current, 1)):
        for fact in facts:
            for key in cells_of(fact):
                counts[key].add(sign, sign * fact.is_nameless)
    return {key: count for key, count in counts.items() if count.n or count.nameless}


class Span(NamedTuple):
    """Cells of one grain from `first` on and before `after`; None is open."""

    grain: Grain
    first: date | None
    after: date | None


def spans(query: FigureQuery) -> list[Span]:
    """The cells that answer a question: whole months where they lie inside its dates, days at the edges.

    A question by day or by week needs the days themselves.
    """
    first, after = query.first, query.last + timedelta(days=1) if query.last else None
    if {"day", "week"} & set(query.by):
        return [Span("day", first, after)]
    month_first = _next_month(first) if first and first.day > 1 else first
    month_after = after.replace(day=1) if after else None
    if month_first and month_after and month_first >= month_after:
        return [Span("day", first, after)]
    edges = [Span("day", first, month_first)] if first != month_first else []
    edges += [Span("day", month_after, after)] if after != month_after else []
    return [Span("month", month_first, month_after), *edges]


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
