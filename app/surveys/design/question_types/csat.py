"""The satisfaction question: 1 (very dissatisfied) to 5 (very satisfied)."""

from __future__ import annotations

from typing import Literal

from app.surveys.design.question_types.scale import ScaleShape, ScaleType


class CsatShape(ScaleShape):
    """A satisfaction question, 1 to 5."""

    type: Literal["csat"]


class CsatType(ScaleType[CsatShape]):
    """An answer from 1 to 5."""

    name = "csat"
    metric = "csat"
    shape = CsatShape
    low, high = 1, 5
