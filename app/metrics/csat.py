"""Customer satisfaction on the labelled scale 1 to 5: the share of 4 and 5, and the mean beside it.

The headline is the share, with its Wilson interval in percent. The mean can move the other way, which is
why the distribution travels with the figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from app.metrics.intervals import t_interval, wilson

LOWEST, HIGHEST = 1, 5
VALUES = range(LOWEST, HIGHEST + 1)
TOP_FROM = 4


@dataclass(frozen=True)
class CsatFigure:
    """Satisfaction: `score`, `low` and `high` in percent, `top` in answers, mean on 1..5, linear on 0..100.

    What cannot be computed is None: everything but the counts when there is no answer, the spread and the
    interval of the mean when there is one.
    """

    n: int
    score: float | None
    low: float | None
    high: float | None
    top: int
    mean: float | None
    sd: float | None
    mean_low: float | None
    mean_high: float | None
    linear: float | None
    counts: dict[int, int]


def figure(answers_by_value: Mapping[int, int]) -> CsatFigure:
    """The figure of answers tallied by value. Raises ValueError for another value or a tally below 0."""
    counts = _complete(answers_by_value)
    n = sum(counts.values())
    top = sum(answers for value, answers in counts.items() if value >= TOP_FROM)
    if n == 0:
        return CsatFigure(0, None, None, None, 0, None, None, None, None, None, counts)
    interval = wilson(top, n)
    mean = sum(value * answers for value, answers in counts.items()) / n
    sd = _sample_sd(counts, mean, n)
    mean_low, mean_high = _mean_interval(mean, sd, n)
    return CsatFigure(
        n=n,
        score=100 * top / n,
        low=100 * interval.low if interval else None,
        high=100 * interval.high if interval else None,
        top=top,
        mean=mean,
        sd=sd,
        mean_low=mean_low,
        mean_high=mean_high,
        linear=100 * (mean - LOWEST) / (HIGHEST - LOWEST),
        counts=counts,
    )


def _complete(answers_by_value: Mapping[int, int]) -> dict[int, int]:
    for value, answers in answers_by_value.items():
        if value not in VALUES or answers < 0:
            raise ValueError(f"{answers!r} answers of value {value!r} are not satisfaction answers")
    return {value: answers_by_value.get(value, 0) for value in VALUES}


def _sample_sd(counts: Mapping[int, int], mean: float, n: int) -> float | None:
    if n < 2:
        return None
    return sqrt(sum(answers * (value - mean) ** 2 for value, answers in counts.items()) / (n - 1))


def _mean_interval(mean: float, sd: float | None, n: int) -> tuple[float | None, float | None]:
    """The t interval of the mean, cut at the ends of the scale, which no mean can pass."""
    interval = t_interval(mean, sd, n) if sd is not None else None
    if interval is None:
        return None, None
    return max(float(LOWEST), interval.low), min(float(HIGHEST), interval.high)
