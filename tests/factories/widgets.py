"""Widgets for tests, and the pages that hold them."""

from __future__ import annotations

import itertools
from typing import Any

from app.kernel import tokens
from app.surveys.answering.models import Widget
from app.surveys.answering.queries import get_widget
from app.surveys.answering.service import add_widget
from app.surveys.answering.widget_rules import WidgetInput
from tests.cast import Cast
from tests.factories.surveys import make_version

SITE = "https://shop.example"
_count = itertools.count(1)


def two_questions() -> dict[str, Any]:
    """The typical survey of a widget: a score and why."""
    nps = {"en": "How likely is it that you would recommend Acme to a friend or colleague?", "zh-Hans": "您会推荐吗？"}
    why = {"en": "What is the main reason for your score?", "zh-Hans": "打这个分数的主要原因是什么？"}
    return {
        "title": {"en": "Your visit", "zh-Hans": "您的访问"},
        "default_locale": "en",
        "questions": [
            {"key": "nps", "type": "nps", "text": nps, "required": True},
            {"key": "why", "type": "text", "text": why},
        ],
    }


def _options(**texts: str) -> list[dict[str, Any]]:
    return [
        {"key": key, "text": dict(zip(("en", "zh-Hans"), both.split("|"), strict=True))} for key, both in texts.items()
    ]


_PARTS = _options(
    delivery="The delivery|配送", product="The product itself|商品本身", service="The customer service|客户服务"
)
ASKED: dict[str, dict[str, Any]] = {
    "nps": {
        "text": "How likely is it that you would recommend Acme to a friend or colleague?"
        "|您有多大可能向朋友或同事推荐 Acme？"
    },
    "csat": {"text": "How satisfied are you with your order as a whole?|总体而言，您对这次订购有多满意？"},
    "ces": {"text": "Acme made it easy for me to get this done.|Acme 让我轻松办成了这件事。"},
    "emotion": {"text": "How did you feel when the parcel arrived?|收到包裹时，您的感受如何？"},
    "expectation": {
        "text": "How fast did you expect the delivery to be, and how fast was it?|您期望配送有多快，实际有多快？"
    },
    "choice": {"text": "What was the best of it?|最满意的是什么？", "options": _PARTS},
    "multiple": {"text": "What should we do better?|我们哪些方面应当改进？", "options": _PARTS, "min": 1, "max": 2},
    "text": {"text": "What is the main reason for your answer?|您这样回答的主要原因是什么？"},
    "number": {"text": "How long did you wait?|您等了多久？", "min": 0, "max": 90, "unit": "days|天"},
    "date": {"text": "On which day did it arrive?|是哪一天送到的？", "latest": "today"},
}
"""A question of each type as people ask it; texts in English and Chinese with a bar between."""


def asking(*types: str) -> dict[str, Any]:
    """A survey in two languages that asks a question of each of these types, under their names; the first one must be
    answered."""

    def said(both: Any) -> Any:
        return (
            dict(zip(("en", "zh-Hans"), both.split("|"), strict=True))
            if isinstance(both, str) and "|" in both
            else both
        )

    questions = [
        {"key": each, "type": each, **{name: said(value) for name, value in ASKED[each].items()}} for each in types
    ]
    questions[0]["required"] = True
    return {"title": {"en": "Your order", "zh-Hans": "您的订单"}, "default_locale": "en", "questions": questions}


def make_widget(
    cast: Cast, definition: dict[str, Any] | None = None, *, has_open_link: bool = False, **fields: Any
) -> Widget:
    """A widget of a new published survey, on SITE unless `fields` say otherwise. Called outside any scope."""
    key = f"embedded-{next(_count)}"
    usual: dict[str, Any] = {"name": "On the shop", "kind": "inline", "sites": (SITE,)}
    with cast.scope():
        make_version(key, definition or two_questions(), has_open_link=has_open_link)
        return get_widget(add_widget(key, WidgetInput(**{**usual, **fields})).id)


def address_of(cast: Cast, widget: Widget) -> str:
    """Where the widget lives: the address of its script without the ending."""
    return f"/w/{tokens.issue('widget', cast.tenant_id, widget.id)}"
