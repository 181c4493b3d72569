"""The questions of a survey as the customer's page takes them: on that page, and in previews, which nobody answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.journeys.words import emotion_words
from app.surveys.design.definition import Answer, Question, Survey, Texts
from app.surveys.design.logic import visible_questions
from app.surveys.design.question_types import type_of
from app.surveys.design.question_types.emotion import emotions_in_order
from app.surveys.design.texts import pick
from app.surveys.design.words import picks_in_words

Worded = dict[str, str | None]


def worded(survey: Survey, texts: Texts, locale: str, page_locale: str) -> Worded:
    """A text for readers of `locale`; `lang` names its language where the page's own words are in another."""
    text, lang = pick(texts, locale, survey.default_locale)
    return {"text": text, "lang": None if lang == page_locale else lang}


def control_of(question: Question, say: Callable[[Texts], Worded], seed: str) -> dict[str, Any]:
    """What is drawn of a question, in the words that `say` chooses; feelings stand in the order that `seed` gives."""
    options: list[dict[str, Any]] = [{"key": option.key, **say(option.text)} for option in question.options]
    options += [{"key": rank, "text": emotion_words(rank)} for rank in emotions_in_order(question, seed)]
    return {
        "key": question.key,
        "type": question.type,
        **say(question.text),
        "help": say(question.help) if question.help else None,
        "note": picks_in_words(question),
        "required": question.is_required,
        "max_length": question.max_length,
        "least": question.least,
        "most": question.most,
        "decimals": question.decimals,
        "unit": say(question.unit) if question.unit else None,
        "earliest": question.earliest,
        "latest": question.latest,
        "options": options,
        "show_if": question.condition,
    }


def preview_of(survey: Survey, locale: str, page_locale: str, answers: Mapping[str, Answer]) -> list[dict[str, Any]]:
    """Every question in `locale` with its answer; hidden is one whose condition the answers do not meet."""
    shown = visible_questions(survey, answers)

    def say(texts: Texts) -> Worded:
        return worded(survey, texts, locale, page_locale)

    def described(question: Question) -> dict[str, Any]:
        answer = answers.get(question.key)
        value = type_of(question).as_json(answer) if answer else None
        return {**control_of(question, say, ""), "hidden": question.key not in shown, "value": value}

    return [described(question) for question in survey.questions]
