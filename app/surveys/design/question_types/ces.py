"""The effort question, 1 (strongly disagree that it was easy) to 7 (strongly agree): low is hard.

It is the second edition of the Customer Effort Score; the first one, 1 to 5 with low for easy, would be another type.
"""

from __future__ import annotations

from typing import Literal

from app.surveys.design.question_types.scale import ScaleShape, ScaleType


class CesShape(ScaleShape):
    """A statement that it was easy, agreed with from 1 to 7."""

    type: Literal["ces"]


class CesType(ScaleType[CesShape]):
    """An answer from 1 to 7."""

    name = "ces"
    metric = "ces"
    shape = CesShape
    low, high = 1, 7
