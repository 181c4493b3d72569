"""Questions answered with a whole number on a scale that is the metric's own: no author can change it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from app.surveys.design.definition import Answer, Question
from app.surveys.design.question_types.base import (
    Kind,
    QuestionShape,
    QuestionType,
    Reason,
    Refusal,
    ShapeT,
    describe,
)

_WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,2}", re.ASCII)


class ScaleShape(QuestionShape):
    """The JSON fields of a question on a scale."""

    score: bool = Field(default=True, description="False for all but one question of the same metric.")


class ScaleType(QuestionType[ShapeT]):
    """A whole number from `low` to `high`, both included."""

    kind: ClassVar[Kind] = "number"
    low: ClassVar[int]
    high: ClassVar[int]

    def build(self, shape: ShapeT) -> Question:
        """Turn the JSON fields into a question."""
        assert isinstance(shape, ScaleShape)
        return replace(super().build(shape), is_scoring=shape.score)

    @property
    def values(self) -> range:
        """Every possible answer, lowest first."""
        return range(self.low, self.high + 1)

    def check_literal(self, question: Question, value: object) -> str | None:
        """A comparison for equality must be with a number of the scale."""
        return None if value in self.values else f"Answers are the whole numbers {self.low} to {self.high}."

    def parse_json(self, question: Question, value: object) -> Answer | Refusal | None:
        """Take an integer of the scale; true, 3.0 and "3" are no integers."""
        if type(value) is not int:
            return self._refuse("type", value)
        return self._in_range(value)

    def _parse_string(self, question: Question, string: str) -> Answer | Refusal | None:
        if not _WHOLE_NUMBER.fullmatch(string):
            return self._refuse("type", string)
        return self._in_range(int(string))

    def _in_range(self, number: int) -> Answer | Refusal:
        if number not in self.values:
            return self._refuse("range", number)
        return Answer(number=number)

    def _refuse(self, reason: Reason, value: object) -> Refusal:
        return Refusal(reason, f"Must be a whole number from {self.low} to {self.high}, not {describe(value)}.")
