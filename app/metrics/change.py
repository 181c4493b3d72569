"""Did a figure change? Tests of two periods that share no answer, and of many units at once.

Shares are compared by the two-sample interval of Agresti and Caffo, means by Welch's t, scores in points by the
adjusted Wald test (app/metrics/nps.py). Each gives the raw change to show and the interval to judge it by: a
change is "up 9, not distinguishable from no change" unless its interval leaves zero out.
Sources: Agresti and Caffo, The American Statistician 54 (2000); Welch, Biometrika 34 (1947); Benjamini and
Hochberg, Journal of the Royal Statistical Society B 57 (1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from app.metrics.intervals import NORMAL, Z95
from app.metrics.student_t import t_cdf, t_quantile

Verdict = Literal["up", "down", "unclear"]


@dataclass(frozen=True)
class Change:
    """A change in the unit of its figure: `raw` is what is shown, `adjusted` the centre of the interval low..high.

    `statistic` is the test's z, or t for means; `p_value` is two-sided.
    """

    raw: float
    adjusted: float
    standard_error: float
    statistic: float
    p_value: float
    low: float
    high: float

    @property
    def is_significant(self) -> bool:
        """Whether this one change, looked at alone, is more than chance at 5 %."""
        return self.p_value < 0.05

    @property
    def verdict(self) -> Verdict:
        """Which way it went; "unclear" when it cannot be told from no change."""
        if not self.is_significant:
            return "unclear"
        return "up" if self.adjusted > 0 else "down"


@dataclass(frozen=True)
class Sample:
    """What a test of means needs: how many values, their mean, and their sample standard deviation."""

    n: int
    mean: float
    sd: float | None


def of_normal(raw: float, adjusted: float, standard_error: float) -> Change:
    """The change whose adjusted centre is normal with this standard error, which must be above 0."""
    z = adjusted / standard_error
    half = Z95 * standard_error
    return Change(raw, adjusted, standard_error, z, 2 * NORMAL.cdf(-abs(z)), adjusted - half, adjusted + half)


def of_shares(hits_before: int, n_before: int, hits_after: int, n_after: int) -> Change | None:
    """The change of a share in percentage points; None when one of the periods has no answers.

    One hit and one miss are added to each period, so that "all agree" is not taken for certainty.
    Raises ValueError when hits are not between 0 and n.
    """
    for hits, n in ((hits_before, n_before), (hits_after, n_after)):
        if not 0 <= hits <= n:
            raise ValueError(f"{hits} hits of {n} is not a share")
    if not (n_before and n_after):
        return None
    first, second = (hits_before + 1) / (n_before + 2), (hits_after + 1) / (n_after + 2)
    error = sqrt(first * (1 - first) / (n_before + 2) + second * (1 - second) / (n_after + 2))
    return of_normal(100 * (hits_after / n_after - hits_before / n_before), 100 * (second - first), 100 * error)


def of_means(before: Sample, after: Sample) -> Change | None:
    """The change of a mean in its own unit.

    None when a period has fewer than two values, or when nothing varies in either: without spread there is no test.
    """
    if before.sd is None or after.sd is None or min(before.n, after.n) < 2:
        return None
    first, second = before.sd**2 / before.n, after.sd**2 / after.n
    if first + second == 0:
        return None
    error, raw = sqrt(first + second), after.mean - before.mean
    df = max(1.0, (first + second) ** 2 / (first**2 / (before.n - 1) + second**2 / (after.n - 1)))
    t, half = raw / error, t_quantile(0.975, df) * error
    return Change(raw, raw, error, t, 2 * t_cdf(-abs(t), df), raw - half, raw + half)


def discoveries(p_values: Sequence[float], false_share: float = 0.05) -> list[bool]:
    """Which of many tests may be called changes when at most `false_share` of those called may be chance.

    The step-up procedure of Benjamini and Hochberg, in the order given. Raises ValueError for a p-value outside 0..1.
    """
    if any(not 0 <= p <= 1 for p in p_values):
        raise ValueError("a p-value lies between 0 and 1")
    ordered, many = sorted(p_values), len(p_values)
    passed = [p for rank, p in enumerate(ordered, start=1) if p <= false_share * rank / many]
    return [p <= passed[-1] for p in p_values] if passed else [False] * many
