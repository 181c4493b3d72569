"""The choice question: one of several options, answered with the option's key."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from app.kernel.errors import Fault
from app.surveys.design.definition import Answer, Option, Question
from app.surveys.design.fields import Key, Shape, ShortTexts
from app.surveys.design.question_types.base import QuestionShape, QuestionType, Refusal, describe
from app.surveys.design.texts import pick


class OptionShape(Shape):
    """One of the answers that a choice offers."""

    key: Key
    text: ShortTexts


class OptionsShape(QuestionShape):
    """A question that offers options."""

    options: Annotated[list[OptionShape], Field(min_length=2, max_length=100)]


class ChoiceShape(OptionsShape):
    """A question with one answer out of several options."""

    type: Literal["choice"]


OptionsT = TypeVar("OptionsT", bound=OptionsShape)


class ChoiceBase(QuestionType[OptionsT]):
    """What questions with options have in common, whether an answer names one of them or several."""

    def build(self, shape: OptionsT) -> Question:
        """Turn the JSON fields into a question with its options."""
        options = tuple(Option(option.key, option.text) for option in shape.options)
        return replace(super().build(shape), options=options)

    def check_definition(self, question: Question) -> list[Fault]:
        """Two options must not share a key: the answer would not tell them apart."""
        keys = [option.key for option in question.options]
        return [
            Fault(f"/options/{place}/key", f'Another option has the key "{key}" already.')
            for place, key in enumerate(keys)
            if key in keys[:place]
        ]

    def check_literal(self, question: Question, value: object) -> str | None:
        """A condition must name an option that exists."""
        if isinstance(value, str) and question.find_option(value):
            return None
        return f'"{question.key}" has no such option.'


class ChoiceType(ChoiceBase[ChoiceShape]):
    """An answer is the key of one option."""

    name = "choice"
    kind = "text"
    shape = ChoiceShape

    def parse_json(self, question: Question, value: object) -> Answer | Refusal | None:
        """Take the key of an option."""
        if not isinstance(value, str):
            return Refusal("type", f"Must be the key of an option, not {describe(value)}.")
        return self._parse_string(question, value)

    def _parse_string(self, question: Question, string: str) -> Answer | Refusal | None:
        if question.find_option(string) is None:
            return Refusal("option", "This question has no such option.")
        return Answer(text=string)

    def display(self, question: Question, answer: Answer, locale: str | None, default_locale: str) -> str:
        """The option's text; its key if a later version of the survey no longer has it."""
        option = question.find_option(str(answer.value))
        return pick(option.text, locale, default_locale)[0] if option else str(answer.value)
