"""Surveys for tests."""

from __future__ import annotations

import itertools
from typing import Any

from app.surveys.design import service
from app.surveys.design.models import Survey, SurveyVersion

_count = itertools.count(1)


def nps_definition(**fields: Any) -> dict[str, Any]:
    """An NPS question, an open question, and a choice that only detractors see, in English and partly in Chinese."""
    nps = {"en": "How likely is it that you would recommend Acme to a friend or colleague?", "zh-Hans": "您会推荐吗？"}
    options = [{"key": "late", "text": {"en": "It came late"}}, {"key": "damaged", "text": {"en": "It was damaged"}}]
    definition = {
        "title": {"en": "Your delivery", "zh-Hans": "您的配送"},
        "default_locale": "en",
        "questions": [
            {"key": "nps", "type": "nps", "text": nps, "required": True},
            {"key": "why", "type": "text", "text": {"en": "What is the main reason for your score?"}},
            {
                "key": "late",
                "type": "choice",
                "text": {"en": "What went wrong?"},
                "options": options,
                "show_if": {"<=": [{"var": "nps"}, 6]},
            },
        ],
    }
    return definition | fields


def csat_definition() -> dict[str, Any]:
    """A satisfaction question and an open question."""
    return {
        "title": {"en": "Your delivery"},
        "default_locale": "en",
        "questions": [
            {"key": "csat", "type": "csat", "text": {"en": "How satisfied are you?"}, "required": True},
            {"key": "comment", "type": "text", "text": {"en": "Why?"}},
        ],
    }


def follow_up_definition() -> dict[str, Any]:
    """Whether the case is solved."""
    options = [{"key": key, "text": {"en": key.title()}} for key in ("yes", "partly", "no")]
    solved = {"key": "solved", "type": "choice", "text": {"en": "Is it solved?"}, "options": options, "required": True}
    return {"title": {"en": "Your case"}, "default_locale": "en", "questions": [solved]}


def make_survey(
    key: str = "",
    definition: dict[str, Any] | None = None,
    *,
    name: str = "Delivery",
    kind: str = "transactional",
    is_anonymous: bool = False,
    has_open_link: bool = False,
) -> Survey:
    """A survey with a draft, nps_definition() unless another is given."""
    key = key or f"survey-{next(_count)}"
    return service.save_draft(key, name, kind, is_anonymous, definition or nps_definition(), has_open_link)[0]


def make_version(key: str = "", definition: dict[str, Any] | None = None, **facts: Any) -> SurveyVersion:
    """A published version of a survey."""
    return service.publish(make_survey(key, definition, **facts).key)
