"""Customer effort on the scale of agreement 1 to 7 ("made it easy for me"): the share of 5 to 7, and the mean.

This is the second form of the question, on which a high answer is a good one; answers to the first form, 1 to 5
with low as good, are another scale and never mix with it.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.metrics import scale
from app.metrics.scale import Scale, ScaleFigure

SCALE = Scale(lowest=1, highest=7, top_from=5, bottom_to=3)


def figure(answers_by_value: Mapping[int, int]) -> ScaleFigure:
    """The figure of answers tallied by value. Raises ValueError for another value or a tally below 0."""
    return scale.figure(SCALE, answers_by_value)
