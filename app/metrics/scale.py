"""A rating scale of whole numbers: the share of its top answers, and the mean beside it. CSAT and CES are two.

The headline is the share, with its Wilson interval in percent. The mean can move the other way, which is why the
distribution travels with the figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from app.metrics import change
from app.metrics.change import Change, Sample
from app.metrics.intervals import t_interval, wilson


@dataclass(frozen=True)
class Scale:
    """The ends of a scale; from `top_from` on an answer is a good one, up to `bottom_to` a bad one."""

    lowest: int
    highest: int
    top_from: int
    bottom_to: int

    @property
    def values(self) -> range:
        """Every answer that there is."""
        return range(self.lowest, self.highest + 1)


@dataclass(frozen=True)
class ScaleFigure:
    """`score`, `low`, `high` in percent of top answers; `top` and `bottom` in answers; mean in steps of the scale.

    `linear` is the mean on 0..100. What cannot be computed is None: everything but the counts when there is no
    answer, the spread when there is one, the interval of the mean when nothing varies.
    """

    n: int
    score: float | None
    low: float | None
    high: float | None
    top: int
    bottom: int
    mean: float | None
    sd: float | None
    mean_low: float | None
    mean_high: float | None
    linear: float | None
    counts: dict[int, int]

    @property
    def bottom_share(self) -> float | None:
        """The bad answers in percent; None without answers."""
        return 100 * self.bottom / self.n if self.n else None


def figure(scale: Scale, answers_by_value: Mapping[int, int]) -> ScaleFigure:
    """The figure of answers tallied by value. Raises ValueError for another value or a tally below 0."""
    counts = _complete(scale, answers_by_value)
    n = sum(counts.values())
    top = sum(answers for value, answers in counts.items() if value >= scale.top_from)
    bottom = sum(answers for value, answers in counts.items() if value <= scale.bottom_to)
    interval = wilson(top, n)
    if interval is None:
        return ScaleFigure(0, None, None, None, 0, 0, None, None, None, None, None, counts)
    mean = sum(value * answers for value, answers in counts.items()) / n
    sd = _sample_sd(counts, mean, n)
    mean_low, mean_high = _mean_interval(scale, mean, sd, n)
    return ScaleFigure(
        n=n,
        score=100 * top / n,
        low=100 * interval.low,
        high=100 * interval.high,
        top=top,
        bottom=bottom,
        mean=mean,
        sd=sd,
        mean_low=mean_low,
        mean_high=mean_high,
        linear=100 * (mean - scale.lowest) / (scale.highest - scale.lowest),
        counts=counts,
    )


def share_change(before: ScaleFigure, after: ScaleFigure) -> Change | None:
    """The change of the headline in percentage points; None when one of the periods has no answers."""
    return change.of_shares(before.top, before.n, after.top, after.n)


def mean_change(before: ScaleFigure, after: ScaleFigure) -> Change | None:
    """The change of the mean in steps of the scale; None where the means cannot be tested."""
    if before.mean is None or after.mean is None:
        return None
    return change.of_means(Sample(before.n, before.mean, before.sd), Sample(after.n, after.mean, after.sd))


def _complete(scale: Scale, answers_by_value: Mapping[int, int]) -> dict[int, int]:
    for value, answers in answers_by_value.items():
        if value not in scale.values or answers < 0:
            raise ValueError(f"{answers!r} answers of value {value!r} are not answers on this scale")
    return {value: answers_by_value.get(value, 0) for value in scale.values}


def _sample_sd(counts: Mapping[int, int], mean: float, n: int) -> float | None:
    if n < 2:
        return None
    return sqrt(sum(answers * (value - mean) ** 2 for value, answers in counts.items()) / (n - 1))


def _mean_interval(scale: Scale, mean: float, sd: float | None, n: int) -> tuple[float | None, float | None]:
    """The t interval of the mean, cut at the ends of the scale, which no mean can pass."""
    interval = t_interval(mean, sd, n) if sd is not None else None
    if interval is None:
        return None, None
    return max(float(scale.lowest), interval.low), min(float(scale.highest), interval.high)
