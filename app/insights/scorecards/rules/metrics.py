"""The four metrics of a scorecard: one figure each, the worth of a single answer in its unit, and its change.

`worth` is what the comparison averages: the mean of the worths is the score that the figure shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.insights.figures.rules import FEWEST_ANONYMOUS, Figure
from app.metrics import ces, csat, emotion, emotion_figure, nps, scale
from app.metrics.change import Change

FEWEST_ANONYMOUS_WORDS = 10

Tally = Mapping[int, int]
"""Answers by value."""


def figure(metric: str, tally: Tally) -> Figure:
    """The figure of these answers, with n, score and interval."""
    match metric:
        case "nps":
            return nps.figure(nps.count_histogram(tally))
        case "csat":
            return csat.figure(tally)
        case "ces":
            return ces.figure(tally)
    return emotion_figure.figure(tally)


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


def change(before: Figure, after: Figure) -> Change | None:
    """The tested change between two periods; None without answers in one of them, or without a test."""
    if isinstance(before, nps.NpsFigure) and isinstance(after, nps.NpsFigure):
        return nps.change(_counts(before), _counts(after))
    if isinstance(before, scale.ScaleFigure) and isinstance(after, scale.ScaleFigure):
        return scale.share_change(before, after)
    if isinstance(before, emotion_figure.EmotionFigure) and isinstance(after, emotion_figure.EmotionFigure):
        return emotion_figure.mean_change(before, after)
    return None


def is_suppressed(anonymous: int) -> bool:
    """Whether people have to be protected from being recognised."""
    return 0 < anonymous < FEWEST_ANONYMOUS


def rounded(value: Any) -> Any:
    """As figures are written: floats to four decimals."""
    return round(value, 4) if isinstance(value, float) else value


def _counts(figure: nps.NpsFigure) -> nps.NpsCounts:
    return nps.NpsCounts(figure.promoters, figure.passives, figure.detractors)
