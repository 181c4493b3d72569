"""The number question: a whole number, or one with as many decimals as the author allows."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import replace
from typing import Annotated, Literal

from babel.numbers import format_decimal
from pydantic import AfterValidator, Field

from app.kernel.errors import Fault
from app.kernel.locales import babel_locale
from app.surveys.design.definition import Answer, Question
from app.surveys.design.fields import ShortTexts
from app.surveys.design.question_types.base import QuestionShape, QuestionType, Refusal, describe
from app.surveys.design.texts import pick

LIMIT = 1_000_000_000
"""No answer is further from 0: conditions compare exactly up to here, in every engine."""


def whole_if_whole(number: float) -> float:
    """3.0 as 3: in JSON, a whole number is written without a point."""
    return int(number) if number == int(number) else number


Bound = Annotated[float, Field(ge=-LIMIT, le=LIMIT, allow_inf_nan=False), AfterValidator(whole_if_whole)]

_GROUPED = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}(?:\1[0-9]{3})*", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,20}", re.ASCII)
_PLAIN = re.compile(r"[0-9]{1,20}(?:[.,][0-9]{1,20})?", re.ASCII)


class NumberShape(QuestionShape):
    """A question answered with a number."""

    type: Literal["number"]
    min: Bound | None = Field(default=None, description="The lowest answer.")
    max: Bound | None = Field(default=None, description="The highest answer.")
    decimals: Annotated[int, Field(ge=0, le=6, description="How many digits may follow the point.")] = 0
    unit: ShortTexts | None = Field(default=None, description="What is counted, such as days; stands behind the field.")


class NumberType(QuestionType[NumberShape]):
    """An answer is a finite number within the bounds; 0 is one like any other."""

    name = "number"
    kind = "number"
    can_be_falsy = True
    shape = NumberShape

    def build(self, shape: NumberShape) -> Question:
        """Turn the JSON fields into a question."""
        made = replace(super().build(shape), decimals=shape.decimals, unit=shape.unit)
        return replace(made, least=shape.min, most=shape.max)

    def check_definition(self, question: Question) -> list[Fault]:
        """Some number must lie between the bounds."""
        low, high = _bounds(question)
        return [Fault("/max", "Must not be below min.")] if low > high else []

    def check_literal(self, question: Question, value: object) -> str | None:
        """A comparison for equality must be with a number that can be an answer."""
        read = self.parse_json(question, value)
        return read.detail if isinstance(read, Refusal) else None

    def parse_json(self, question: Question, value: object) -> Answer | Refusal | None:
        """Take a JSON number: true, "3", NaN and what only looks finite (1e400) are none. Empty text is unanswered."""
        if value == "":
            return None
        if not isinstance(value, int | float) or isinstance(value, bool):
            return Refusal("type", f"Must be a number, not {describe(value)}.")
        if not math.isfinite(value) if isinstance(value, float) else abs(value) > LIMIT:
            return _out_of_range(question)
        return self._number(question, value)

    def _parse_string(self, question: Question, string: str) -> Answer | Refusal | None:
        text = unicodedata.normalize("NFKC", string).replace("\u2212", "-").replace("'", "").replace("’", "")
        text = "".join(text.split())
        if not text:
            return None
        number = _read(text.removeprefix("-"), question.decimals)
        if number is None:
            return Refusal("number", "Must be a number.")
        return self._number(question, -number if text.startswith("-") else number)

    def _number(self, question: Question, number: float) -> Answer | Refusal:
        low, high = _bounds(question)
        if not low <= number <= high:
            return _out_of_range(question)
        if round(number, question.decimals) != number:
            return Refusal("decimals", f"Must have at most {question.decimals} decimals.")
        return Answer(number=whole_if_whole(number))

    def display(self, question: Question, answer: Answer, locale: str | None, default_locale: str) -> str:
        """The number as readers of `locale` write it, with its unit."""
        written = format_decimal(answer.value, f"#,##0.{'#' * 6}", locale=babel_locale(locale, default_locale))
        return f"{written} {pick(question.unit, locale, default_locale)[0]}" if question.unit else written


def _bounds(question: Question) -> tuple[float, float]:
    least, most = question.least, question.most
    return -LIMIT if least is None else least, LIMIT if most is None else most


def _out_of_range(question: Question) -> Refusal:
    low, high = _bounds(question)
    return Refusal("range", f"Must be a number from {low} to {high}.")


def _read(text: str, decimals: int) -> float | None:
    """A number as people type it, with a comma or a point, and with groups of thousands.

    One mark before exactly three digits could be either: it groups where only whole numbers are asked for, and else is
    taken for a point, so that nothing becomes a thousand times as much without a word.
    """
    marks = [character for character in text if character in ",."]
    if len(set(marks)) == 2 and marks.count(marks[-1]) == 1:
        whole, _mark, fraction = text.rpartition(marks[-1])
        return (
            float(f"{whole.replace(marks[0], '')}.{fraction}")
            if _is_grouped(whole) and _DIGITS.fullmatch(fraction)
            else None
        )
    if _is_grouped(text) and (len(marks) > 1 or decimals == 0):
        return float(text.replace(marks[0], ""))
    return float(text.replace(",", ".")) if _PLAIN.fullmatch(text) else None


def _is_grouped(text: str) -> bool:
    return bool(_GROUPED.fullmatch(text)) and len(text) <= 20
