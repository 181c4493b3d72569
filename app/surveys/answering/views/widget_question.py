"""The questions of a widget: what its parts (frontend/widget/) need to draw each type, in the words of one reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from app.journeys.words import emotion_words
from app.surveys.answering.views import words
from app.surveys.design.definition import Question, Texts
from app.surveys.design.question_types.date import FIRST, LAST
from app.surveys.design.question_types.emotion import emotions_in_order
from app.surveys.design.question_types.expectation import VALUES
from app.surveys.design.words import picks_in_words

Said = str | list[str]
Say = Callable[[Texts], Said]
"""A text, or [text, language] where it is not that of our own words."""


def question_of(question: Question, say: Say, seed: str) -> dict[str, Any]:
    """A question as the widget draws it; `seed` gives the order of feelings."""
    help_ = [say(question.help)] if question.help else []
    note = picks_in_words(question)
    contents = {
        "key": question.key,
        "text": say(question.text),
        "help": [*help_, note] if note else help_,
        "required": question.is_required or None,
        "wrong": words.wrong_in_words(question),
        **DRAWN[question.type](question, say, seed),
    }
    return {name: value for name, value in contents.items() if value is not None and value != []}


def _nps(_question: Question, _say: Say, _seed: str) -> dict[str, Any]:
    return _scale(range(11), _("Not at all likely"), _("Extremely likely"))


def _csat(_question: Question, _say: Say, _seed: str) -> dict[str, Any]:
    steps = (_("Very dissatisfied"), _("Dissatisfied"), _("Neither"), _("Satisfied"), _("Very satisfied"))
    return _list([value, f"{value} · {step}"] for value, step in enumerate(steps, 1))


def _ces(_question: Question, _say: Say, _seed: str) -> dict[str, Any]:
    return _scale(VALUES, _("Strongly disagree"), _("Strongly agree"))


def _emotion(question: Question, _say: Say, seed: str) -> dict[str, Any]:
    options = [[rank, str(emotion_words(rank))] for rank in emotions_in_order(question, seed)]
    return {"draw": "boxes", "look": "words", "options": options, "most": question.most}


def _expectation(_question: Question, _say: Say, _seed: str) -> dict[str, Any]:
    parts = [["expected", _("What you expected")], ["perceived", _("What you got")]]
    return {"draw": "pair", "parts": parts, **_scale(VALUES, _("Very low"), _("Very high"))}


def _choice(question: Question, say: Say, _seed: str) -> dict[str, Any]:
    return _list([option.key, say(option.text)] for option in question.options)


def _multiple(question: Question, say: Say, seed: str) -> dict[str, Any]:
    return {**_choice(question, say, seed), "draw": "boxes", "least": question.least, "most": question.most}


def _text(question: Question, _say: Say, _seed: str) -> dict[str, Any]:
    return {"draw": "text", "most": question.max_length}


def _number(question: Question, say: Say, _seed: str) -> dict[str, Any]:
    unit = say(question.unit) if question.unit else None
    decimals = question.decimals or None
    return {"draw": "number", "least": question.least, "most": question.most, "decimals": decimals, "unit": unit}


def _date(question: Question, _say: Say, _seed: str) -> dict[str, Any]:
    return {"draw": "date", "min": question.earliest or FIRST, "max": question.latest or LAST}


DRAWN: Mapping[str, Callable[[Question, Say, str], dict[str, Any]]] = {
    "nps": _nps,
    "csat": _csat,
    "ces": _ces,
    "emotion": _emotion,
    "expectation": _expectation,
    "choice": _choice,
    "multiple": _multiple,
    "text": _text,
    "number": _number,
    "date": _date,
}
"""Every question type, and how the widget draws it."""


def _scale(values: range, low: str, high: str) -> dict[str, Any]:
    """Numbers in one row, the ends in words."""
    options = [[value, str(value)] for value in values]
    for option, end in ((options[0], low), (options[-1], high)):
        option.append(f"{option[1]} {end}")
    return {"look": "scale", "options": options, "ends": [low, high]}


def _list(options: Iterable[list[Any]]) -> dict[str, Any]:
    """What can be chosen, one below the other: value and text."""
    return {"look": "list", "options": list(options)}
