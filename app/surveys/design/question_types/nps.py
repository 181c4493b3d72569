"""The recommendation question: 0 (not at all likely) to 10 (extremely likely). Nothing else is called NPS."""

from __future__ import annotations

from typing import Literal

from app.surveys.design.question_types.scale import ScaleShape, ScaleType


class NpsShape(ScaleShape):
    """A recommendation question, 0 to 10."""

    type: Literal["nps"]


class NpsType(ScaleType[NpsShape]):
    """An answer from 0 to 10; 0 is an answer like any other, though conditions read it as false."""

    name = "nps"
    metric = "nps"
    shape = NpsShape
    low, high = 0, 10
    can_be_falsy = True
