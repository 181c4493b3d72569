"""Quantiles of Student's t distribution without a numerical library.

Up to 200 degrees of freedom the distribution function is inverted, by way of the incomplete beta function;
above, the expansion around the normal quantile is exact to eight decimals and costs nothing. The distribution function
itself is the normal one, corrected, where the fraction would need thousands of terms.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

_EXPANSION_ABOVE = 200
_NEARLY_NORMAL_ABOVE = 10_000
_TINY = 1e-300


@lru_cache(maxsize=1024)
def t_quantile(probability: float, df: float) -> float:
    """The value below which `probability` of Student's t distribution with `df` degrees of freedom lies.

    Raises ValueError unless 0 < probability < 1 and df >= 1.
    """
    if not 0 < probability < 1 or df < 1:
        raise ValueError(f"no t quantile for probability {probability} and {df} degrees of freedom")
    if probability < 0.5:
        return -t_quantile(1 - probability, df)
    if df > _EXPANSION_ABOVE:
        return _expanded_quantile(probability, df)
    return _bisected_quantile(probability, df)


def t_cdf(value: float, df: float) -> float:
    """The probability that a t variable with `df` degrees of freedom is at most `value`."""
    if df > _NEARLY_NORMAL_ABOVE:
        return NormalDist().cdf(value * (1 - 1 / (4 * df)) / sqrt(1 + value * value / (2 * df)))
    tail = 0.5 * _incomplete_beta(df / (df + value * value), df / 2, 0.5)
    return 1 - tail if value >= 0 else tail


def _bisected_quantile(probability: float, df: float) -> float:
    low, high = 0.0, 1.0
    while t_cdf(high, df) < probability:
        low, high = high, 2 * high
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        if t_cdf(middle, df) < probability:
            low = middle
        else:
            high = middle


def _expanded_quantile(probability: float, df: float) -> float:
    z = NormalDist().inv_cdf(probability)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / df + second / df**2 + third / df**3


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b) for 0 <= x <= 1."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    scale = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    # The fraction converges quickly only on this side; the mirror image serves the other one.
    if x < (a + 1) / (a + b + 2):
        return scale * _beta_fraction(x, a, b) / a
    return 1 - scale * _beta_fraction(1 - x, b, a) / b


def _beta_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, evaluated by Lentz's method."""
    c, d = 1.0, 1 / _apart_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _apart_from_zero(1 + term * d)
            c = _apart_from_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value


def _apart_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
