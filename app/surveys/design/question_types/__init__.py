"""The question types, one class each. The mapping `TYPES` is the only switch: a new type is a line in it."""

from __future__ import annotations

from typing import Any

from app.surveys.design.definition import Question
from app.surveys.design.question_types.base import QuestionType
from app.surveys.design.question_types.ces import CesType
from app.surveys.design.question_types.choice import ChoiceType
from app.surveys.design.question_types.csat import CsatType
from app.surveys.design.question_types.date import DateType
from app.surveys.design.question_types.emotion import EmotionType
from app.surveys.design.question_types.expectation import ExpectationType
from app.surveys.design.question_types.multiple import MultipleType
from app.surveys.design.question_types.nps import NpsType
from app.surveys.design.question_types.number import NumberType
from app.surveys.design.question_types.text import TextType

TYPES: dict[str, QuestionType[Any]] = {
    handler.name: handler
    for handler in (
        NpsType(),
        CsatType(),
        CesType(),
        EmotionType(),
        ExpectationType(),
        ChoiceType(),
        MultipleType(),
        TextType(),
        NumberType(),
        DateType(),
    )
}


def type_of(question: Question) -> QuestionType[Any]:
    """The handler of a question that has been read."""
    return TYPES[question.type]
