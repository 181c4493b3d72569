"""Customer satisfaction on the labelled scale 1 to 5: the share of 4 and 5, and the mean beside it."""

from __future__ import annotations

from collections.abc import Mapping

from app.metrics import scale
from app.metrics.scale import Scale, ScaleFigure

SCALE = Scale(lowest=1, highest=5, top_from=4, bottom_to=2)


def figure(answers_by_value: Mapping[int, int]) -> ScaleFigure:
    """The figure of answers tallied by value. Raises ValueError for another value or a tally below 0."""
    return scale.figure(SCALE, answers_by_value)
