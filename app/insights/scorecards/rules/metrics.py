"""The four metrics of a scorecard: the worth of a single answer in its unit.

`worth` is what the comparison averages: the mean of the worths is the score that the figure shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.insights.figures.rules import FEWEST_ANONYMOUS
from app.metrics import ces, csat, emotion, nps

FEWEST_ANONYMOUS_WORDS = 10

Tally = Mapping[int, int]
"""Answers by value."""


def worth(metric: str, value: int) -> float:
    """What one answer adds to the mean that is the score: points, percent, or valence."""
    match metric:
        case "nps":
            return {"promoter": 100.0, "passive": 0.0, "detractor": -100.0}[nps.group(value)]
        case "csat":
            return 100.0 * (value >= csat.SCALE.top_from)
        case "ces":
            return 100.0 * (value >= ces.SCALE.top_from)
    return emotion.valence(value)


def is_suppressed(anonymous: int) -> bool:
    """Whether people have to be protected from being recognised."""
    return 0 < anonymous < FEWEST_ANONYMOUS


def rounded(value: Any) -> Any:
    """As figures are written: floats to four decimals."""
    return round(value, 4) if isinstance(value, float) else value
