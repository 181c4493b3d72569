"""Which survey asks a customer whether it is solved: the tenant's own, else the one that stands here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.kernel.db import db
from app.surveys.design.models import Survey, SurveyVersion
from app.surveys.design.queries import find_survey_by_key, newest_version
from app.surveys.design.service import publish, save_draft

KIND = "follow_up"
SOLVED = "solved"
"""The question that every follow-up survey has; its answer `no` reopens the case."""

_KEY, _SPARE_KEY = "case-follow-up", "case-follow-up-built-in"
_NAME = "Is it solved?"

BUILT_IN: dict[str, Any] = {
    "title": {"en": "Is it solved?", "zh-Hans": "问题解决了吗？"},
    "default_locale": "en",
    "questions": [
        {
            "key": SOLVED,
            "type": "choice",
            "text": {
                "en": "You told us what went wrong, and we have worked on it. Is it solved?",
                "zh-Hans": "您向我们反映的问题，我们已经处理。问题解决了吗？",
            },
            "required": True,
            "options": [
                {"key": "yes", "text": {"en": "Yes, it is solved", "zh-Hans": "是的，已经解决"}},
                {"key": "partly", "text": {"en": "Partly", "zh-Hans": "部分解决"}},
                {"key": "no", "text": {"en": "No, it is not solved", "zh-Hans": "没有解决"}},
            ],
        },
        {
            "key": "missing",
            "type": "text",
            "text": {"en": "What is still missing?", "zh-Hans": "还有什么没有解决？"},
            "show_if": {"in": [{"var": SOLVED}, ["partly", "no"]]},
        },
        {
            "key": "nps",
            "type": "nps",
            "text": {
                "en": "After this, how likely is it that you would recommend us to a friend or colleague?",
                "zh-Hans": "经过这次处理，您有多大可能向朋友或同事推荐我们？",
            },
        },
    ],
}


def follow_up_version() -> SurveyVersion:
    """The newest version of the tenant's follow-up survey; the built-in one is published when there is none yet.

    A tenant that has closed all of theirs gets the version of a closed one, which is not sent.
    """
    published = (
        select(Survey)
        .where(Survey.kind == KIND, Survey.last_version > 0)
        .order_by(Survey.closed_at.is_not(None), Survey.updated_at.desc())
        .limit(1)
    )
    survey = db.session.scalar(published)
    version = newest_version(survey) if survey else None
    return version or _publish_built_in()


def _publish_built_in() -> SurveyVersion:
    # A draft of the tenant's own under this key is left alone: it may not be finished.
    key = _KEY if find_survey_by_key(_KEY) is None else _SPARE_KEY
    save_draft(key, _NAME, KIND, False, BUILT_IN)
    version = publish(key)
    db.session.flush()  # a new version has its id from now on
    return version
