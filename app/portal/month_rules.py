"""This month's card in five lines: which metric leads it, and what of it may be shown to the partner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from app.insights.figures.rules import FigureRow, Tally, change, compute
from app.metrics.change import Change
from app.metrics.display import can_show_score
from app.portal.rules import withheld

Period = Literal["now", "before", "rest"]

FEWEST_FOR_WORDS = 10
"""From how many answers of nobody known on their words are shown (domain: anonymity threshold for comments)."""


@dataclass
class Answers:
    """A partner's answers of one metric: by period and value, and how many of each period are of nobody known."""

    by_value: dict[Period, Counter[int]] = field(default_factory=dict)
    nameless: Counter[Period] = field(default_factory=Counter)

    def add(self, period: Period, value: int, n: int, nameless: int) -> None:
        """Count some answers in."""
        self.by_value.setdefault(period, Counter())[value] += n
        self.nameless[period] += nameless

    def n(self, period: Period) -> int:
        """How many answers a period has."""
        return sum(self.by_value.get(period, Counter()).values())


@dataclass(frozen=True)
class Month:
    """The score of a month: `metric` is None as long as nobody has answered anything; `change` is against the month
    before, None where one of the two may not be shown. `is_withheld` protects people."""

    first: date
    metric: str | None
    row: FigureRow | None
    is_withheld: bool
    change: Change | None


def month_before(first: date) -> date:
    """The first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def leading(answers: Mapping[str, Answers], metrics: Sequence[str]) -> str | None:
    """The metric that the card speaks of: the first that was answered this month, else the first that ever was."""
    ever = [metric for metric in metrics if metric in answers and any(map(answers[metric].n, _PERIODS))]
    return next((metric for metric in ever if answers[metric].n("now")), ever[0] if ever else None)


def month_of(first: date, metric: str | None, answers: Answers) -> Month:
    """The month's line of scores. A month is withheld as a group is that a total minus the rest would reveal."""
    if metric is None:
        return Month(first, None, None, is_withheld=False, change=None)
    sizes = {period: answers.n(period) for period in _PERIODS}
    hidden = withheld(sizes, answers.nameless)
    now, before = (compute(metric, [Tally((), answers.by_value.get(p, Counter()), 0)], ())[0] for p in _PERIODS[:2])
    moved = None if hidden & {"now", "before"} else change(before, now)
    return Month(first, metric, now, is_withheld="now" in hidden and can_show_score(sizes["now"]), change=moved)


def may_quote(nameless: int) -> bool:
    """Whether the words of people whom nobody knows may be shown: not while there are only a few of them."""
    return nameless >= FEWEST_FOR_WORDS


_PERIODS: tuple[Period, ...] = ("now", "before", "rest")
