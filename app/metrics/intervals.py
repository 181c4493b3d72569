"""Confidence intervals that every metric shares: Wilson for shares, Student's t for means.

An interval is a pair of a low and a high end in the unit of what it surrounds. All are two-sided at 95 %.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

from app.metrics.student_t import t_quantile

NORMAL = NormalDist()
Z95 = NORMAL.inv_cdf(0.975)


class Interval(NamedTuple):
    """The low and the high end, in the unit of the figure."""

    low: float
    high: float


def wilson(hits: int, n: int, z: float = Z95) -> Interval | None:
    """The Wilson interval of the share hits/n, from 0 to 1; None without observations.

    Raises ValueError when `hits` is not between 0 and `n`.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} hits of {n} is not a share")
    if n == 0:
        return None
    share = hits / n
    stretch = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / stretch
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / stretch
    # With no hits or only hits one end is exactly the share; floating point may land a hair outside of it.
    return Interval(min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half)))


def t_interval(mean: float, sd: float, n: int) -> Interval | None:
    """Student's t interval of a mean with the sample standard deviation `sd`.

    None below two observations, and when nothing varies: an interval without width would claim certainty.
    """
    if n < 2 or sd == 0:
        return None
    half = t_quantile(0.975, n - 1) * sd / sqrt(n)
    return Interval(mean - half, mean + half)
