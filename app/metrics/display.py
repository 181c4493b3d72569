"""How a figure is written, and from how many answers on it may be shown.

Rounding happens here and nowhere else, so that a headline is never built from rounded parts.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

LOW_BASE_BELOW = 30
"""Below this many answers a score carries the words "low base"."""

SHOW_SCORE_FROM = 10
"""Below this many answers pages show the customers' words instead of a score; the API gives it anyway."""


def format_points(points: float, decimals: int = 0) -> str:
    """Write points with their sign, rounded half away from zero: "+25", "-13", "0", never "-0".

    Raises ValueError for a value that is not finite. Without answers there is no score: say so in words.
    """
    if not isfinite(points):
        raise ValueError(f"{points} is not a number of points")
    # The difference of two scores may carry an error in its last digit, which must not decide a half.
    exact = Decimal(repr(round(points, 9)))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return f"{rounded:+f}" if rounded else f"{abs(rounded):f}"


def is_low_base(n: int) -> bool:
    """Whether a figure on `n` answers must be marked as resting on few of them."""
    return n < LOW_BASE_BELOW


def can_show_score(n: int) -> bool:
    """Whether pages show a score on `n` answers at all."""
    return n >= SHOW_SCORE_FROM
