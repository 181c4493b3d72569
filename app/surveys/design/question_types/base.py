"""What a question type answers for: its JSON fields, reading answers from JSON and forms, showing them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import Field

from app.kernel.errors import Fault
from app.surveys.design.definition import Answer, Question
from app.surveys.design.fields import Condition, Key, LongTexts, Shape

Reason = Literal[
    "required",
    "unknown",
    "type",
    "range",
    "option",
    "too_long",
    "characters",
    "too_many",
    "too_few",
    "number",
    "decimals",
    "date",
    "both",
]
Kind = Literal["number", "text", "date", "list", "pair"]


@dataclass(frozen=True)
class Refusal:
    """Why a value is not an answer: a reason that pages translate, and a sentence for machines."""

    reason: Reason
    detail: str


class QuestionShape(Shape):
    """The JSON fields that all question types share."""

    key: Key
    text: LongTexts
    help: LongTexts | None = None
    required: bool = False
    show_if: Condition | None = Field(
        default=None, description="Shown only when this JSONLogic over earlier questions is true."
    )


ShapeT = TypeVar("ShapeT", bound=QuestionShape)


class QuestionType(ABC, Generic[ShapeT]):
    """One question type. A new one is a subclass and its line in the mapping `TYPES`.

    `metric` names the score that an answer gives; `kind` is what an answer is in conditions: dates are texts that have
    an order, and a pair is compared by its `parts`, numbers both.
    """

    name: ClassVar[str]
    metric: ClassVar[str | None] = None
    kind: ClassVar[Kind]
    parts: ClassVar[tuple[str, ...]] = ()
    can_be_falsy: ClassVar[bool] = False
    shape: ClassVar[type[QuestionShape]]

    def build(self, shape: ShapeT) -> Question:
        """Turn the JSON fields into a question; its condition is still unread."""
        return Question(
            key=shape.key,
            type=self.name,
            text=shape.text,
            help=shape.help,
            is_required=shape.required,
            show_if=shape.show_if,
        )

    def check_definition(self, question: Question) -> list[Fault]:
        """The faults that the JSON fields alone do not show; pointers are relative to the question."""
        return []

    def check_literal(self, question: Question, value: object) -> str | None:
        """Say why no answer to this question can ever equal (or hold) `value`, which a condition compares it with."""
        return None

    @abstractmethod
    def parse_json(self, question: Question, value: object) -> Answer | Refusal | None:
        """Read a JSON value without converting anything; None is unanswered."""

    def parse_form(self, question: Question, strings: Sequence[str]) -> Answer | Refusal | None:
        """Read what a browser posted under the question's key; None is unanswered."""
        given = {string for string in strings if string}
        if len(given) > 1:
            return Refusal("type", "Give one answer to this question.")
        return self._parse_string(question, given.pop()) if given else None

    @abstractmethod
    def _parse_string(self, question: Question, string: str) -> Answer | Refusal | None: ...

    def as_json(self, answer: Answer) -> Any:
        """The answer as JSON shows it, and as conditions read it."""
        return answer.value

    def as_typed(self, strings: Sequence[str]) -> Any:
        """What a form that was refused held, as `as_json` would show it; at least one string, good or bad."""
        return strings[0]

    def display(self, question: Question, answer: Answer, locale: str | None, default_locale: str) -> str:
        """The answer in words, for a reader of `locale`."""
        return str(answer.value)


def describe(value: Any) -> str:
    """Name the JSON type of a value, for a sentence that refuses it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value) if abs(value) < 1_000_000 else "so large a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "an object"
