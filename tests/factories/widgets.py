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
