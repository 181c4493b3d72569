"""The surveys of the demo shop, and the one question of each that scores: add another one here.

`SURVEYS` is all that is published; `asked_at` says which of them follows which touchpoint, and a rule of outreach is
made for each pair of survey and touchpoints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.demo.shop.setting import BRAND

_WHY = {
    "key": "why",
    "type": "text",
    "text": {"en": "What is the main reason for your score?", "zh-Hans": "您打这个分数的主要原因是什么？"},
}


@dataclass(frozen=True)
class DemoSurvey:
    """One survey: `score` is the key (and the type) of the question that scores, `bad` the highest score that opens a
    case, `delay_minutes` how long after the interaction it is asked."""

    key: str
    name: str
    score: str
    bad: int
    touchpoints: tuple[str, ...]
    definition: dict[str, Any]
    delay_minutes: int = 0


def _survey(title: dict[str, str], *questions: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "default_locale": "en", "questions": [*questions]}


def _score(type_: str, en: str, zh: str) -> dict[str, Any]:
    return {"key": type_, "type": type_, "required": True, "text": {"en": en, "zh-Hans": zh}}


def _option(key: str, en: str, zh: str) -> dict[str, Any]:
    return {"key": key, "text": {"en": en, "zh-Hans": zh}}


_RECOMMEND = _score(
    "nps",
    f"How likely is it that you would recommend {BRAND} to a friend or colleague?",
    f"您有多大可能向朋友或同事推荐 {BRAND}？",
)

SURVEYS = (
    DemoSurvey(
        "delivery",
        "After a delivery",
        "nps",
        6,
        ("delivery", "appointment", "pick-up"),
        _survey(
            {"en": "Your delivery", "zh-Hans": "您的配送"},
            _RECOMMEND,
            _WHY,
            {
                "key": "wrong",
                "type": "choice",
                "text": {"en": "What went wrong?", "zh-Hans": "哪里出了问题？"},
                "show_if": {"<=": [{"var": "nps"}, 6]},
                "options": [
                    _option("late", "It came late", "送晚了"),
                    _option("damaged", "It was damaged or incomplete", "有破损或缺件"),
                    _option("handed", "It was not handed to me", "没有交到我手上"),
                    _option("other", "Something else", "其他"),
                ],
            },
        ),
    ),
    DemoSurvey(
        "service",
        "After a call or a chat",
        "csat",
        2,
        ("service-line", "chat"),
        _survey(
            {"en": "Our help", "zh-Hans": "我们的服务"},
            _score("csat", "How satisfied or dissatisfied are you with our help?", "您对我们的帮助满意程度如何？"),
            _WHY,
        ),
        delay_minutes=30,
    ),
    DemoSurvey(
        "shopping",
        "After an order",
        "csat",
        2,
        ("app-search", "checkout", "order-mail"),
        _survey(
            {"en": "Your order", "zh-Hans": "您的订单"},
            _score(
                "csat", "How satisfied or dissatisfied are you with ordering from us?", "您对这次下单的满意程度如何？"
            ),
            _WHY,
        ),
    ),
    DemoSurvey(
        "returns",
        "After a return",
        "csat",
        2,
        ("return",),
        _survey(
            {"en": "Your return", "zh-Hans": "您的退货"},
            _score("csat", "How satisfied or dissatisfied are you with your return?", "您对这次退货的满意程度如何？"),
            _WHY,
        ),
    ),
    DemoSurvey(
        "product",
        "A week with it",
        "nps",
        6,
        ("product",),
        _survey({"en": "A week with it", "zh-Hans": "使用一周之后"}, _RECOMMEND, _WHY),
    ),
)

_ASKED_AT = {touchpoint: survey for survey in SURVEYS for touchpoint in survey.touchpoints}


def asked_at(touchpoint: str) -> DemoSurvey:
    """The survey that is asked after this touchpoint. Raises KeyError."""
    return _ASKED_AT[touchpoint]
