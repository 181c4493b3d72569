"""The surveys of the demo shop, and the one question of each that scores: add another one here.

`SURVEYS` is all that is published, each with a rule of outreach for its touchpoints; a score of another kind also needs
its scale in `SCALES`. `asked_at` says which survey follows which touchpoint.
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
class Scale:
    """What can be answered, how far answers lie apart (a standard deviation), up to which score a case opens and from
    which one the customer is pleased."""

    lowest: int
    highest: int
    spread: float
    bad: int
    good: int


SCALES = {
    "nps": Scale(0, 10, 1.7, bad=6, good=9),
    "csat": Scale(1, 5, 0.9, bad=2, good=5),
    "ces": Scale(1, 7, 1.6, bad=2, good=6),
    "emotion": Scale(1, 20, 4.2, bad=4, good=13),
}


FEELINGS = (2, 4, 5, 8, 10, 11, 13, 14, 15, 16, 18, 20)
"""The ranks that are offered; the highest that opens a case is among them, so that no answer slips over that edge."""


@dataclass(frozen=True)
class DemoSurvey:
    """One survey: `score` is the key and the type of the question that scores, `delay_minutes` how long after the
    interaction it is asked."""

    key: str
    name: str
    score: str
    touchpoints: tuple[str, ...]
    definition: dict[str, Any]
    delay_minutes: int = 0

    @property
    def scale(self) -> Scale:
        """The scale of its score."""
        return SCALES[self.score]

    def answer(self, score: int) -> int | list[int]:
        """The answer that stands for a score: the feeling nearest to it that is offered, or also the next better."""
        if self.score != "emotion":
            return score
        nearest = min(range(len(FEELINGS)), key=lambda place: abs(FEELINGS[place] - score))
        return list(FEELINGS[nearest : nearest + 1 + score % 2])


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
        "ces",
        ("service-line", "chat"),
        _survey(
            {"en": "Our help", "zh-Hans": "我们的服务"},
            _score("ces", f"{BRAND} made it easy for me to get this done.", f"{BRAND} 让我轻松地办好了这件事。"),
            _WHY,
        ),
        delay_minutes=30,
    ),
    DemoSurvey(
        "shopping",
        "After an order",
        "csat",
        ("checkout",),
        _survey(
            {"en": "Your order", "zh-Hans": "您的订单"},
            _score(
                "csat", "How satisfied or dissatisfied are you with ordering from us?", "您对这次下单的满意程度如何？"
            ),
            _WHY,
        ),
    ),
    DemoSurvey(
        "feelings",
        "How shopping feels",
        "emotion",
        ("app-search", "order-mail"),
        _survey(
            {"en": "Shopping with us", "zh-Hans": "在我们这里购物"},
            {
                **_score("emotion", "Which feelings describe this moment?", "哪些感受最能描述您此刻的心情？"),
                "emotions": list(FEELINGS),
            },
            {**_WHY, "text": {"en": "What made you feel this way?", "zh-Hans": "是什么让您有这样的感受？"}},
        ),
    ),
    DemoSurvey(
        "returns",
        "After a return",
        "csat",
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
        ("product",),
        _survey({"en": "A week with it", "zh-Hans": "使用一周之后"}, _RECOMMEND, _WHY),
    ),
)


def branded(part: Any, brand: str) -> Any:
    """A definition, or a part of one, that names this brand in place of the demo shop's."""
    if isinstance(part, dict):
        return {key: branded(value, brand) for key, value in part.items()}
    if isinstance(part, list):
        return [branded(value, brand) for value in part]
    return part.replace(BRAND, brand) if isinstance(part, str) else part


_ASKED_AT = {touchpoint: survey for survey in SURVEYS for touchpoint in survey.touchpoints}


def asked_at(touchpoint: str) -> DemoSurvey:
    """The survey that is asked after this touchpoint. Raises KeyError."""
    return _ASKED_AT[touchpoint]
