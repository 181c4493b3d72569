"""The questions of a survey as the customer's page takes them, for previews: never sent, never counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.surveys.design.definition import Answer, Question, Survey, Texts
from app.surveys.design.logic import visible_questions
from app.surveys.design.texts import pick

Worded = dict[str, str | None]


def worded(survey: Survey, texts: Texts, locale: str, page_locale: str) -> Worded:
    """A text for readers of `locale`; `lang` names its language where the page's own words are in another."""
    text, lang = pick(texts, locale, survey.default_locale)
    return {"text": text, "lang": None if lang == page_locale else lang}


def preview_of(survey: Survey, locale: str, page_locale: str, answers: Mapping[str, Answer]) -> list[dict[str, Any]]:
    """Every question in `locale` with its answer; hidden is one whose condition the answers do not meet."""
    shown = visible_questions(survey, answers)

    def say(texts: Texts) -> Worded:
        return worded(survey, texts, locale, page_locale)

    def described(question: Question) -> dict[str, Any]:
        answer = answers.get(question.key)
        return {
            "key": question.key,
            "type": question.type,
            **say(question.text),
            "help": say(question.help) if question.help else None,
            "required": question.is_required,
            "max_length": question.max_length,
            "options": [{"key": option.key, **say(option.text)} for option in question.options],
            "show_if": question.condition,
            "hidden": question.key not in shown,
            "value": answer.value if answer else None,
        }

    return [described(question) for question in survey.questions]
