"""The emotion question: one to three of the twenty words for a feeling, given as ranks; never shown as a ladder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from app.journeys.words import emotion_words
from app.metrics.emotion import HIGHEST, LOWEST, MOST_PICKS, RANKS, mask_of, ranks_of
from app.surveys.design.definition import Answer, Question
from app.surveys.design.question_types.base import QuestionType, Refusal, describe
from app.surveys.design.question_types.scale import ScaleShape

_SPELLED = {str(rank): rank for rank in RANKS}


def _no_twins(ranks: list[int]) -> list[int]:
    if len(set(ranks)) < len(ranks):
        raise ValueError("A rank stands here twice.")
    return ranks


Ranks = Annotated[
    list[Annotated[int, Field(ge=LOWEST, le=HIGHEST)]],
    Field(min_length=2, max_length=len(RANKS), json_schema_extra={"uniqueItems": True}),
    AfterValidator(_no_twins),
]


class EmotionShape(ScaleShape):
    """One to three words for how somebody feels."""

    type: Literal["emotion"]
    emotions: Ranks | None = Field(
        default=None, description="The ranks that are offered, 1 despair to 20 enthusiastic; all unless given."
    )


class EmotionType(QuestionType[EmotionShape]):
    """An answer is a list of ranks, kept as a number whose bits they are (app/metrics/emotion.py)."""

    name = "emotion"
    metric = "emotion"
    kind = "list"
    shape = EmotionShape

    def build(self, shape: EmotionShape) -> Question:
        """Turn the JSON fields into a question with the ranks it offers, lowest first."""
        ranks = tuple(sorted(shape.emotions or RANKS))
        return replace(super().build(shape), is_scoring=shape.score, emotions=ranks, most=MOST_PICKS)

    def check_literal(self, question: Question, value: object) -> str | None:
        """A condition must name a rank that is offered."""
        is_offered = type(value) is int and value in question.emotions
        return None if is_offered else f'"{question.key}" does not offer this rank.'

    def parse_json(self, question: Question, value: object) -> Answer | Refusal | None:
        """Take a list of one to three ranks; an empty one is no answer."""
        if not isinstance(value, list):
            return Refusal("type", f"Must be a list of ranks, not {describe(value)}.")
        return self._picked(question, value)

    def parse_form(self, question: Question, strings: Sequence[str]) -> Answer | Refusal | None:
        """Take the ranks of the boxes that were ticked."""
        return self._picked(question, [_SPELLED.get(string) for string in strings if string])

    def _parse_string(self, question: Question, string: str) -> Answer | Refusal | None:
        return self.parse_form(question, [string])

    def _picked(self, question: Question, ranks: Sequence[object]) -> Answer | Refusal | None:
        if len(ranks) > MOST_PICKS:
            return Refusal("too_many", f"Must have at most {MOST_PICKS} ranks.")
        good = [rank for rank in ranks if type(rank) is int and rank in question.emotions]
        if len(good) < len(ranks):
            return Refusal("option", "This question offers no such rank.")
        if len(set(good)) < len(good):
            return Refusal("option", "A rank stands twice.")
        return Answer(number=mask_of(good)) if good else None

    def as_json(self, answer: Answer) -> Any:
        """The ranks, lowest first."""
        return list(ranks_of(int(answer.value)))

    def as_typed(self, strings: Sequence[str]) -> Any:
        """Every box that was ticked."""
        return list(strings)

    def display(self, question: Question, answer: Answer, locale: str | None, default_locale: str) -> str:
        """The words of the ranks, in the language of the page."""
        return feelings(int(answer.value))


def feelings(mask: int) -> str:
    """The words of a set of ranks, lowest first, in the language of the page: "anger · worry"."""
    return " · ".join(str(emotion_words(rank)) for rank in ranks_of(mask))


def emotions_in_order(question: Question, seed: str) -> list[int]:
    """The ranks in an order that is no ladder: another one for each `seed`, the same whenever it comes again."""

    def place(rank: int) -> bytes:
        return hashlib.sha256(f"{seed}:{question.key}:{rank}".encode()).digest()

    return sorted(question.emotions, key=place)


def token_in(address: str) -> str:
    """The part of a link that only one customer has: the seed of their order, in the mail and on the page."""
    return address.rpartition("/")[2]
