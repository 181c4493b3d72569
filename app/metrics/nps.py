"""Net Promoter Score: groups, counts, score, its interval, and the test of a change between two periods.

The score shown is always the raw one; only the interval and the test use the adjusted centre, because the
plain Wald interval is wrong exactly where small teams live. Net Promoter, NPS and Net Promoter Score are
registered trademarks of Bain & Company, Fred Reichheld and NICE Satmetrix.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from app.metrics.change import Change, of_normal
from app.metrics.intervals import Z95, Interval

Group = Literal["promoter", "passive", "detractor"]

_PSEUDO = 0.75
"""What the adjustment adds to promoters and to detractors; twice as much goes to the passives."""


@dataclass(frozen=True)
class NpsCounts:
    """How many answers fell into each group."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    def __post_init__(self) -> None:
        if min(self.promoters, self.passives, self.detractors) < 0:
            raise ValueError("a count is below zero")

    @property
    def n(self) -> int:
        return self.promoters + self.passives + self.detractors

    def __add__(self, other: NpsCounts) -> NpsCounts:
        return NpsCounts(
            self.promoters + other.promoters,
            self.passives + other.passives,
            self.detractors + other.detractors,
        )


@dataclass(frozen=True)
class NpsFigure:
    """A score in points with its adjusted-Wald interval; score, low and high are None without answers."""

    n: int
    score: float | None
    low: float | None
    high: float | None
    promoters: int
    passives: int
    detractors: int


def group(value: int) -> Group:
    """The group of one answer: 9-10 promoter, 7-8 passive, 0-6 detractor. Raises ValueError for all else."""
    if type(value) is not int or not 0 <= value <= 10:
        raise ValueError(f"{value!r} is not an integer from 0 to 10")
    if value >= 9:
        return "promoter"
    return "passive" if value >= 7 else "detractor"


def count(values: Iterable[int]) -> NpsCounts:
    """The counts of single answers. Raises ValueError for one that is not an integer from 0 to 10."""
    groups = Counter(group(value) for value in values)
    return NpsCounts(groups["promoter"], groups["passive"], groups["detractor"])


def count_histogram(answers_by_value: Mapping[int, int]) -> NpsCounts:
    """The counts of answers tallied by value. Raises ValueError for another value or a tally below 0."""
    tally: Counter[Group] = Counter()
    for value, answers in answers_by_value.items():
        if answers < 0:
            raise ValueError(f"{answers} answers of value {value} cannot be")
        tally[group(value)] += answers
    return NpsCounts(tally["promoter"], tally["passive"], tally["detractor"])


def score(counts: NpsCounts) -> float | None:
    """The score in points, unrounded; None without answers."""
    if counts.n == 0:
        return None
    return 100 * (counts.promoters - counts.detractors) / counts.n


def variance(counts: NpsCounts) -> float | None:
    """The variance of one answer coded +1, 0, -1; None without answers."""
    if counts.n == 0:
        return None
    net = (counts.promoters - counts.detractors) / counts.n
    return (counts.promoters + counts.detractors) / counts.n - net * net


def figure(counts: NpsCounts) -> NpsFigure:
    """The figure of these counts: the raw score with the adjusted-Wald interval."""
    interval = adjusted_wald(counts)
    low, high = interval if interval else (None, None)
    return NpsFigure(counts.n, score(counts), low, high, counts.promoters, counts.passives, counts.detractors)


def adjusted_wald(counts: NpsCounts) -> Interval | None:
    """The default interval in points, within -100 and +100; None without answers."""
    if counts.n == 0:
        return None
    centre, error = _adjusted(counts)
    return Interval(max(-100.0, centre - Z95 * error), min(100.0, centre + Z95 * error))


def wald(counts: NpsCounts) -> Interval | None:
    """The textbook interval in points, for audit only: it is not clipped, and has no width when all agree."""
    centre, spread = score(counts), variance(counts)
    if centre is None or spread is None:
        return None
    half = 100 * Z95 * sqrt(spread / counts.n)
    return Interval(centre - half, centre + half)


def score_interval(counts: NpsCounts) -> Interval | None:
    """The score interval in points, for audit: every net share that the test with its own variance keeps."""
    if counts.n == 0:
        return None
    net = (counts.promoters - counts.detractors) / counts.n
    return Interval(
        100 * _last_kept(lambda share: _is_kept(counts, share), net, -1.0),
        100 * _last_kept(lambda share: _is_kept(counts, share), net, 1.0),
    )


def change(before: NpsCounts, after: NpsCounts) -> Change | None:
    """Test the change between two periods that share no answer; None when one of them has none.

    Overlapping windows and the same people asked twice need another test: their answers are not independent.
    """
    first, second = score(before), score(after)
    if first is None or second is None:
        return None
    (centre_before, error_before), (centre_after, error_after) = _adjusted(before), _adjusted(after)
    return of_normal(second - first, centre_after - centre_before, sqrt(error_before**2 + error_after**2))


def _adjusted(counts: NpsCounts) -> tuple[float, float]:
    """The centre and the standard error in points after three pseudo-answers are added."""
    n = counts.n + 4 * _PSEUDO
    net = (counts.promoters - counts.detractors) / n
    spread = (counts.promoters + counts.detractors + 2 * _PSEUDO) / n - net * net
    return 100 * net, 100 * sqrt(spread / n)


def _is_kept(counts: NpsCounts, share: float) -> bool:
    """Whether a true net share is compatible with the counts, its variance estimated under that share."""
    p, d, n = counts.promoters, counts.detractors, counts.n
    a = 2 * n
    b = -p - d + (2 * n - p + d) * share
    c = -d * share * (1 - share)
    detractor_share = (sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
    spread = 2 * detractor_share + share * (1 - share)
    # Compared without a division, so that a variance of zero needs no case of its own.
    return (p - d - n * share) ** 2 <= Z95 * Z95 * n * spread


def _last_kept(is_kept: Callable[[float], bool], kept: float, limit: float) -> float:
    """Bisect from a kept share towards `limit` for the last one that is kept."""
    refused = limit
    for _ in range(60):
        middle = (kept + refused) / 2
        if is_kept(middle):
            kept = middle
        else:
            refused = middle
    return kept
