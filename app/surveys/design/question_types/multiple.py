"""The multiple choice: any of several options, answered with a list of their keys."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from app.kernel.errors import Fault
from app.surveys.design.definition import Answer, Question
from app.surveys.design.question_types.base import Refusal, describe
from app.surveys.design.question_types.choice import ChoiceBase, OptionsShape
from app.surveys.design.texts import pick

Picks = Annotated[int, Field(ge=1, le=100)]


class MultipleShape(OptionsShape):
    """A question with any of several options as its answer."""

    type: Literal["multiple"]
    min: Picks | None = Field(default=None, description="The fewest options that an answer names.")
    max: Picks | None = Field(default=None, description="The most options that an answer names.")


class MultipleType(ChoiceBase[MultipleShape]):
    """An answer is a list of keys, kept as JSON text in the order of the options: equal sets, equal texts."""

    name = "multiple"
    kind = "list"
    shape = MultipleShape

    def build(self, shape: MultipleShape) -> Question:
        """Turn the JSON fields into a question with its options and limits."""
        return replace(super().build(shape), least=shape.min, most=shape.max)

    def check_definition(self, question: Question) -> list[Fault]:
        """Besides what every choice needs: limits that some set of options can meet."""
        faults, offered = super().check_definition(question), len(question.options)
        if question.most is not None and question.most > offered:
            faults.append(Fault("/max", f"There are only {offered} options."))
        if question.least is not None and question.least > (offered if question.most is None else question.most):
            faults.append(Fault("/min", "No answer could name so many options."))
        return faults

    def parse_json(self, question: Question, value: object) -> Answer | Refusal | None:
        """Take a list of option keys; an empty one is no answer."""
        if not isinstance(value, list):
            return Refusal("type", f"Must be a list of option keys, not {describe(value)}.")
        return self._picked(question, value)

    def parse_form(self, question: Question, strings: Sequence[str]) -> Answer | Refusal | None:
        """Take the keys of the boxes that were ticked."""
        return self._picked(question, [string for string in strings if string])

    def _parse_string(self, question: Question, string: str) -> Answer | Refusal | None:
        return self._picked(question, [string])

    def _picked(self, question: Question, keys: Sequence[object]) -> Answer | Refusal | None:
        if not keys:
            return None
        if not all(isinstance(key, str) and question.find_option(key) for key in keys):
            return Refusal("option", "This question has no such option.")
        if len(set(keys)) < len(keys):
            return Refusal("option", "An option stands twice.")
        if question.least is not None and len(keys) < question.least:
            return Refusal("too_few", f"Must name at least {question.least} options.")
        if question.most is not None and len(keys) > question.most:
            return Refusal("too_many", f"Must name at most {question.most} options.")
        in_order = [option.key for option in question.options if option.key in keys]
        return Answer(text=json.dumps(in_order, separators=(",", ":")))

    def as_json(self, answer: Answer) -> Any:
        """The keys, in the order of the options."""
        return json.loads(str(answer.value))

    def as_typed(self, strings: Sequence[str]) -> Any:
        """Every box that was ticked."""
        return list(strings)

    def display(self, question: Question, answer: Answer, locale: str | None, default_locale: str) -> str:
        """The texts of the options; the key of one that a later version of the survey no longer has."""
        options = [(key, question.find_option(key)) for key in self.as_json(answer)]
        return " · ".join(pick(option.text, locale, default_locale)[0] if option else key for key, option in options)
