"""The first words of new surveys and new questions, in the languages that we have them in."""

from __future__ import annotations

from typing import Any

from app.surveys.design.question_types import TYPES

Texts = dict[str, str]

_NPS = {
    "en": "How likely is it that you would recommend {brand} to a friend or colleague?",
    "zh-Hans": "您有多大可能向朋友或同事推荐{brand}？",
}
_CSAT = {
    "en": "How satisfied or dissatisfied are you with {brand} this time?",
    "zh-Hans": "您对{brand}这一次的满意程度如何？",
}
_CES = {
    "en": "{brand} made it easy for me to get this done.",
    "zh-Hans": "{brand}让我轻松地办好了这件事。",
}
_EMOTION = {
    "en": "Which feelings describe this moment with {brand}?",
    "zh-Hans": "哪些感受最能描述您这一次与{brand}打交道的心情？",
}
_EXPECTATION = {
    "en": "How good was {brand} this time, compared with what you expected?",
    "zh-Hans": "这一次，{brand}的表现与您的期望相比如何？",
}
_FELT_WHY = {"en": "What made you feel this way?", "zh-Hans": "是什么让您有这样的感受？"}
_GAP_WHY = {"en": "What was different from what you expected?", "zh-Hans": "哪些地方与您的期望不同？"}
_NUMBER = {"en": "How many times did you have to contact us?", "zh-Hans": "您一共联系了我们几次？"}
_DATE = {"en": "On which day was it?", "zh-Hans": "是哪一天？"}
_MULTIPLE = {"en": "Which of these apply?", "zh-Hans": "以下哪些符合您的情况？"}
_WHY = {"en": "What is the main reason for your score?", "zh-Hans": "您打这个分数的主要原因是什么？"}
_SOLVED = {"en": "Is your problem solved?", "zh-Hans": "您的问题解决了吗？"}
_MORE = {"en": "What else would you like to tell us?", "zh-Hans": "您还有什么想告诉我们的？"}
_CHOICE = {"en": "Which of these fits best?", "zh-Hans": "以下哪一项最符合？"}
_TITLE = {"en": "Your opinion", "zh-Hans": "您的意见"}
_CASE_TITLE = {"en": "Your problem", "zh-Hans": "您反映的问题"}
_YES, _PARTLY, _NO = {"en": "Yes", "zh-Hans": "是"}, {"en": "Partly", "zh-Hans": "部分"}, {"en": "No", "zh-Hans": "否"}
_FIRST, _SECOND = {"en": "First answer", "zh-Hans": "第一个答案"}, {"en": "Second answer", "zh-Hans": "第二个答案"}

STARTERS = ("nps", "csat", "ces", "emotion", "expectation", "follow_up")
_OWN_LOCALES = ("en", "zh-Hans")


_FIRST_WORDS = {
    "nps": _NPS,
    "csat": _CSAT,
    "ces": _CES,
    "emotion": _EMOTION,
    "expectation": _EXPECTATION,
    "choice": _CHOICE,
    "multiple": _MULTIPLE,
    "text": _WHY,
    "number": _NUMBER,
    "date": _DATE,
}
"""What a new question of each type asks."""

_WHYS = {"emotion": _FELT_WHY, "expectation": _GAP_WHY}


def starter(name: str, brand: str, default_locale: str) -> dict[str, Any]:
    """A whole small survey: the question of this type with a why, or `follow_up`: is a case solved?"""
    if name == "follow_up":
        options = [_option(key, texts) for key, texts in (("yes", _YES), ("partly", _PARTLY), ("no", _NO))]
        solved = {"key": "solved", "type": "choice", "text": dict(_SOLVED), "required": True, "options": options}
        questions = [solved, {"key": "more", "type": "text", "text": dict(_MORE)}]
    else:
        first = {"key": name, "type": name, "text": _branded(_FIRST_WORDS[name], brand), "required": True}
        questions = [first, {"key": "why", "type": "text", "text": dict(_WHYS.get(name, _WHY))}]
    default = default_locale if default_locale in _OWN_LOCALES else _OWN_LOCALES[0]
    title = _CASE_TITLE if name == "follow_up" else _TITLE
    return {"title": dict(title), "default_locale": default, "questions": questions}


def new_question(type_: str, definition: dict[str, Any], brand: str) -> dict[str, Any]:
    """A question of this type for a survey, with words to be changed and a key that is free."""
    locales, default = list(definition["title"]), definition["default_locale"]
    question: dict[str, Any] = {
        "key": _free_key(type_, definition),
        "type": type_,
        "text": _in(_branded(_FIRST_WORDS[type_], brand), locales, default),
    }
    if type_ in ("choice", "multiple"):
        pairs = (("first", _FIRST), ("second", _SECOND))
        question["options"] = [{"key": key, "text": _in(option, locales, default)} for key, option in pairs]
    if TYPES[type_].metric and any(other["type"] == type_ for other in definition["questions"]):
        question["score"] = False
    return question


def _option(key: str, texts: Texts) -> dict[str, Any]:
    return {"key": key, "text": dict(texts)}


def _branded(texts: Texts, brand: str) -> Texts:
    return {locale: text.replace("{brand}", brand) for locale, text in texts.items()}


def _in(texts: Texts, locales: list[str], default: str) -> Texts:
    """The texts in these languages; where the default one is none of ours, English stands in for it."""
    found = {locale: texts[locale] for locale in locales if locale in texts}
    return found if default in found else {**found, default: texts[_OWN_LOCALES[0]]}


def _free_key(type_: str, definition: dict[str, Any]) -> str:
    taken = {question["key"] for question in definition["questions"]}
    stem = {"text": "why"}.get(type_, type_)
    return next(key for key in (stem, *(f"{stem}-{n}" for n in range(2, 100))) if key not in taken)
