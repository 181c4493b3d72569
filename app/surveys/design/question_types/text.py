"""The open question: an answer in the customer's own words."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from app.surveys.design.definition import Answer, Question
from app.surveys.design.question_types.base import QuestionShape, QuestionType, Refusal, describe
from app.surveys.design.texts import is_blank, normalise_text

DEFAULT_MAX_LENGTH = 5_000


class TextShape(QuestionShape):
    """A question answered in the customer's own words."""

    type: Literal["text"]
    max_length: Annotated[int, Field(ge=1, le=20_000, description="The most characters that an answer may have.")] = (
        DEFAULT_MAX_LENGTH
    )


class TextType(QuestionType[TextShape]):
    """An answer is a text of at most `max_length` characters; a blank one is no answer."""

    name = "text"
    kind = "text"
    shape = TextShape

    def build(self, shape: TextShape) -> Question:
        """Turn the JSON fields into a question."""
        return replace(super().build(shape), max_length=shape.max_length)

    def check_literal(self, question: Question, value: object) -> str | None:
        """A condition must spell its text as answers are stored."""
        try:
            is_stored_so = normalise_text(str(value)) == value
        except ValueError as error:
            return str(error)
        return None if is_stored_so else "Write this text in Unicode NFC, with lines ended by a line feed."

    def parse_json(self, question: Question, value: object) -> Answer | Refusal | None:
        """Take a string as it stands."""
        if not isinstance(value, str):
            return Refusal("type", f"Must be a string, not {describe(value)}.")
        return self._parse_string(question, value)

    def _parse_string(self, question: Question, string: str) -> Answer | Refusal | None:
        try:
            text = normalise_text(string)
        except ValueError as error:
            return Refusal("characters", str(error))
        if is_blank(text):
            return None
        limit = question.max_length or DEFAULT_MAX_LENGTH
        if len(text) > limit:
            return Refusal("too_long", f"Must have at most {limit} characters.")
        return Answer(text=text)
