"""What a board says of its numbers: which moves are more than chance, where causes lie, which promises were kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.insights.figures.rules import FigureQuery, FigureRow, change
from app.kernel.days import day_in, span_of
from app.loop.causes.rules import TAXONOMY, level_one
from app.metrics.change import Change, discoveries
from app.metrics.display import SHOW_SCORE_FROM
from app.metrics.share import Share

WINDOW_DAYS = 90
MOST_MOVES = 5


LOW = {"nps": 6.0, "csat": 2.0, "ces": 3.0, "valence": -0.01}
HIGH = {"nps": 9.0, "csat": 4.0, "ces": 5.0, "valence": 0.01}
"""Up to where an answer speaks of trouble, and from where of praise."""


@dataclass(frozen=True)
class Move:
    """A unit whose figure changed by more than chance, many units having been looked at together."""

    key: str
    name: str
    row: FigureRow
    change: Change


@dataclass(frozen=True)
class Causes:
    """Where the causes of closed cases lie: (level-one code, cases' worth) by size, and how many cases were coded."""

    shares: Sequence[tuple[str, float]]
    coded: int

    @property
    def backstage(self) -> Share:
        """The cases' worth of causes behind the front line, rounded to whole cases for its interval."""
        behind = sum(weight for code, weight in self.shares if TAXONOMY[code].layer == "backstage")
        return Share(round(behind), self.coded)


@dataclass(frozen=True)
class Window:
    """The last WINDOW_DAYS days, today included: as a question for figures, and as instants from first until after."""

    now: datetime
    query: FigureQuery
    first: datetime
    after: datetime


def window(now: datetime, timezone: str) -> Window:
    """The window that ends with the tenant's today."""
    zone = ZoneInfo(timezone)
    today = day_in(now, zone)
    first = today - timedelta(days=WINDOW_DAYS - 1)
    return Window(now, FigureQuery(first=first, last=today), *span_of(first, today, zone))


def moves(now: Sequence[tuple[str, str, FigureRow]], before: Sequence[tuple[str, str, FigureRow]]) -> list[Move]:
    """The units that moved, the largest first.

    Each pair of (key, name, row) with enough answers in both periods is tested; of all tests together at most one in
    twenty of what is shown is a false alarm (Benjamini and Hochberg).
    """
    earlier = {key: row for key, _name, row in before}
    tested = [Move(key, name, row, moved) for key, name, row in now if (moved := _tested(earlier.get(key), row))]
    real = discoveries([move.change.p_value for move in tested])
    found = [move for move, is_real in zip(tested, real, strict=True) if is_real]
    return sorted(found, key=lambda move: -abs(move.change.raw))[:MOST_MOVES]


def _tested(before: FigureRow | None, row: FigureRow) -> Change | None:
    if before is None or min(before.figure.n, row.figure.n) < SHOW_SCORE_FROM:
        return None
    return change(before, row)


def causes(rows: Iterable[tuple[str, float]], coded: int) -> Causes:
    """What (code, share) of the causes of `coded` cases add up to; a case with several causes is shared among them."""
    weights: dict[str, float] = defaultdict(float)
    for code, share in rows:
        weights[level_one(code)] += share
    return Causes(sorted(weights.items(), key=lambda each: (-each[1], each[0])), coded)
