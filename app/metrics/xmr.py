"""The chart of individual values and moving ranges: which point of a series is more than its ordinary wiggle.

Limits stand 2.66 mean moving ranges around the mean. A signal is a point outside them, the eighth of eight in a row
on one side of the mean, or the last of four of which three lie nearer to the same limit than to the mean.
Source: Wheeler, Understanding Variation (1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

FEWEST_POINTS = 6
"""Below this many values limits would say more about the values at hand than about the process (our judgement)."""

_LIMIT, _RANGE_LIMIT = 2.66, 3.268
_RUN = 8
Rule = Literal["outside", "run", "near_limit"]


@dataclass(frozen=True)
class XmrChart:
    """Mean, limits and mean moving range in the unit of the values; `signals` are (index of the point, rule)."""

    mean: float
    mean_range: float
    low: float
    high: float
    range_limit: float
    signals: tuple[tuple[int, Rule], ...]


def chart(values: Sequence[float]) -> XmrChart | None:
    """The chart of a series in the order of time; None with fewer than FEWEST_POINTS values.

    Periods without a value are left out by the caller: the range then spans the gap. When all values are the same the
    limits meet and nothing is a signal.
    """
    if len(values) < FEWEST_POINTS:
        return None
    mean = sum(values) / len(values)
    mean_range = sum(abs(later - earlier) for earlier, later in pairwise(values)) / (len(values) - 1)
    reach = _LIMIT * mean_range
    return XmrChart(mean, mean_range, mean - reach, mean + reach, _RANGE_LIMIT * mean_range, _signals(values, reach))


def _signals(values: Sequence[float], reach: float) -> tuple[tuple[int, Rule], ...]:
    if reach == 0:
        return ()
    mean = sum(values) / len(values)
    away = [(value - mean) / reach for value in values]
    found = ((at, rule) for at in range(len(away)) for rule in [_rule(away[: at + 1])] if rule)
    return tuple(found)


def _rule(away: Sequence[float]) -> Rule | None:
    """The rule by which the last point signals; distances count in reaches, so that 1 is the limit."""
    side = 1 if away[-1] > 0 else -1
    if abs(away[-1]) > 1:
        return "outside"
    if len(away) >= _RUN and all(side * one > 0 for one in away[-_RUN:]):
        return "run"
    if side * away[-1] > 0.5 and sum(side * one > 0.5 for one in away[-4:]) >= 3:
        return "near_limit"
    return None
