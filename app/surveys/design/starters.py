"""The first words of new surveys and new questions, in the languages that we have them in."""

from __future__ import annotations

from typing import Any

Texts = dict[str, str]

_NPS = {
    "en": "How likely is it that you would recommend {brand} to a friend or colleague?",
    "zh-Hans": "您有多大可能向朋友或同事推荐{brand}？",
}
_CSAT = {
    "en": "How satisfied or dissatisfied are you with {brand} this time?",
    "zh-Hans": "您对{brand}这一次的满意程度如何？",
}
_WHY = {"en": "What is the main reason for your score?", "zh-Hans": "您打这个分数的主要原因是什么？"}
_SOLVED = {"en": "Is your problem solved?", "zh-Hans": "您的问题解决了吗？"}
_MORE = {"en": "What else would you like to tell us?", "zh-Hans": "您还有什么想告诉我们的？"}
_CHOICE = {"en": "Which of these fits best?", "zh-Hans": "以下哪一项最符合？"}
_TITLE = {"en": "Your opinion", "zh-Hans": "您的意见"}
_CASE_TITLE = {"en": "Your problem", "zh-Hans": "您反映的问题"}
_YES, _PARTLY, _NO = {"en": "Yes", "zh-Hans": "是"}, {"en": "Partly", "zh-Hans": "部分"}, {"en": "No", "zh-Hans": "否"}
_FIRST, _SECOND = {"en": "First answer", "zh-Hans": "第一个答案"}, {"en": "Second answer", "zh-Hans": "第二个答案"}

STARTERS = ("nps", "csat", "follow_up")
_OWN_LOCALES = ("en", "zh-Hans")


def starter(name: str, brand: str, default_locale: str) -> dict[str, Any]:
    """A whole small survey: `nps` or `csat` with a why, or `follow_up`, which asks whether a case is solved."""
    if name == "follow_up":
        options = [_option(key, texts) for key, texts in (("yes", _YES), ("partly", _PARTLY), ("no", _NO))]
        solved = {"key": "solved", "type": "choice", "text": dict(_SOLVED), "required": True, "options": options}
        questions = [solved, {"key": "more", "type": "text", "text": dict(_MORE)}]
    else:
        score = _NPS if name == "nps" else _CSAT
        first = {"key": name, "type": name, "text": _branded(score, brand), "required": True}
        questions = [first, {"key": "why", "type": "text", "text": dict(_WHY)}]
    default = default_locale if default_locale in _OWN_LOCALES else _OWN_LOCALES[0]
    title = _CASE_TITLE if name == "follow_up" else _TITLE
    return {"title": dict(title), "default_locale": default, "questions": questions}


def new_question(type_: str, definition: dict[str, Any], brand: str) -> dict[str, Any]:
    """A question of this type for a survey, with words to be changed and a key that is free."""
    texts = {"nps": _branded(_NPS, brand), "csat": _branded(_CSAT, brand), "choice": _CHOICE, "text": _WHY}[type_]
    locales, default = list(definition["title"]), definition["default_locale"]
    question: dict[str, Any] = {
        "key": _free_key(type_, definition),
        "type": type_,
        "text": _in(texts, locales, default),
    }
    if type_ == "choice":
        pairs = (("first", _FIRST), ("second", _SECOND))
        question["options"] = [{"key": key, "text": _in(option, locales, default)} for key, option in pairs]
    if type_ in ("nps", "csat") and any(other["type"] == type_ for other in definition["questions"]):
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
