"""A survey with one question of each type, for the tests of them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from app.surveys.design.definition import Question, Survey
from app.surveys.design.grammar import parse_definition

OPTIONS = [{"key": key, "text": {"en": key.title(), "zh-Hans": key}} for key in ("late", "damaged", "dear")]


def definition(**changed: dict[str, Any]) -> dict[str, Any]:
    """The definition; `changed` gives fields of a question by its key."""
    questions = [
        {"key": "nps", "type": "nps"},
        {"key": "csat", "type": "csat"},
        {"key": "ces", "type": "ces"},
        {"key": "feel", "type": "emotion", "emotions": [2, 6, 11, 14, 20]},
        {"key": "hoped", "type": "expectation"},
        {"key": "one", "type": "choice", "options": OPTIONS},
        {"key": "some", "type": "multiple", "options": OPTIONS, "max": 2},
        {"key": "why", "type": "text"},
        {"key": "wait", "type": "number", "min": -5, "max": 1500.5, "decimals": 2, "unit": {"en": "days"}},
        {"key": "day", "type": "date", "earliest": "2026-01-01", "latest": "2026-12-31"},
    ]
    asked = [{"text": {"en": f"{q['type'].title()}?"}, **q, **changed.get(str(q["key"]), {})} for q in questions]
    return deepcopy({"title": {"en": "All", "zh-Hans": "全部"}, "default_locale": "en", "questions": asked})


SURVEY: Survey = parse_definition(definition())


def question(key: str, **changed: Any) -> Question:
    """The question with this key, with other fields."""
    found = (parse_definition(definition(**{key: changed})) if changed else SURVEY).find_question(key)
    assert found is not None
    return found
