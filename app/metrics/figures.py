"""The four metrics alike: the figure of some answers, and the tested change from one figure to another."""

from __future__ import annotations

from collections.abc import Mapping

from app.metrics import ces, csat, emotion_figure, nps, scale
from app.metrics.change import Change
from app.metrics.emotion_figure import EmotionFigure
from app.metrics.nps import NpsCounts, NpsFigure
from app.metrics.scale import ScaleFigure

METRICS = ("nps", "csat", "ces", "emotion")

Figure = NpsFigure | ScaleFigure | EmotionFigure


def figure_of(metric: str, by_value: Mapping[int, int]) -> Figure:
    """The figure of so many answers of each value, with n, score and interval in the metric's unit."""
    match metric:
        case "nps":
            return nps.figure(nps.count_histogram(by_value))
        case "csat":
            return csat.figure(by_value)
        case "ces":
            return ces.figure(by_value)
    return emotion_figure.figure(by_value)


def change_between(before: Figure, after: Figure) -> Change | None:
    """The change since an earlier figure that shares no answer with it.

    None without answers in one of them, or where there is no test (an emotion that does not vary). Raises ValueError
    for figures of two metrics.
    """
    match before, after:
        case NpsFigure(), NpsFigure():
            return nps.change(_counts(before), _counts(after))
        case ScaleFigure(), ScaleFigure():
            return scale.share_change(before, after)
        case EmotionFigure(), EmotionFigure():
            return emotion_figure.mean_change(before, after)
    raise ValueError("these are figures of two metrics")


def _counts(figure: NpsFigure) -> NpsCounts:
    return NpsCounts(figure.promoters, figure.passives, figure.detractors)
