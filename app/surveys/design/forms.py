"""What the forms of the builder hold, read into the fields of a definition. The grammar judges them, not these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from app.kernel.naming import KEY_PATTERN, LONGEST_NAME, key_from
from app.metrics.emotion import RANKS
from app.surveys.design.conditions import OPERATORS, Sentence, key_of, rule_of
from app.surveys.design.definition import Survey
from app.surveys.design.starters import STARTERS
from app.web.forms import PageForm

Posted = Mapping[str, str]
Fields = dict[str, Any]

_NEVER = datetime.min.replace(tzinfo=UTC)

ROOM_FOR_OPTIONS = 2
"""Empty rows below the answers of a choice."""


NEW_SURVEY_SENTENCES = {
    "/name": _l("Write a name that can be read, of at most 200 characters."),
    "/key": _l("This key is taken."),
}


class NewSurveyForm(PageForm):
    """A new survey: its name, what it begins as, and its key."""

    name = StringField(_l("Name"), validators=[InputRequired(_l("Write a name.")), Length(max=LONGEST_NAME)])
    starter = RadioField(_l("Begin with"), choices=[(starter, starter) for starter in STARTERS], default=STARTERS[0])
    key = StringField(
        _l("Key"),
        validators=[
            Optional(),
            Regexp(KEY_PATTERN, message=_l("A key has 1 to 64 of the characters a-z, 0-9, _ and -.")),
        ],
    )


def read_moment(text: str) -> datetime:
    """The moment a page was made for, as its form carries it; the beginning of time when it is none of ours."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _NEVER
    return moment if moment.tzinfo else _NEVER


def read_texts(posted: Posted, name: str, locales: Sequence[str]) -> Fields | None:
    """The texts posted as `<name>.<locale>`, without the empty ones; None when all are empty."""
    texts = {locale: posted.get(f"{name}.{locale}", "").strip() for locale in locales}
    return {locale: text for locale, text in texts.items() if text} or None


def read_survey_texts(posted: Posted, locales: Sequence[str]) -> Fields:
    """Title, introduction, thanks and default language of a survey."""
    texts = {name: read_texts(posted, name, locales) for name in ("title", "intro", "thanks")}
    return {**texts, "title": texts["title"] or {}, "default_locale": posted.get("default_locale", "")}


def read_question(posted: MultiDict[str, str], definition: Survey, type_: str, old: Fields) -> Fields:
    """The fields of a question; None takes one away. What the form does not ask stays as `old` has it."""
    locales = definition.locales
    fields: Fields = {
        "key": posted.get("key", old["key"]).strip(),
        "text": read_texts(posted, "text", locales) or {},
        "help": read_texts(posted, "help", locales),
        # What was never said stays unsaid, so that saving a form unchanged changes nothing.
        "required": "required" in posted or (False if "required" in old else None),
        "show_if": _read_condition(posted, definition, old),
    }
    return fields | _read_own(posted, definition, type_, old)


def _read_own(posted: MultiDict[str, str], definition: Survey, type_: str, old: Fields) -> Fields:
    """The fields that only questions of this type have. What cannot be read is left for the grammar to refuse."""
    if type_ == "choice":
        return {"options": _read_options(posted, definition)}
    if type_ == "multiple":
        limits = {name: _read_number(posted, name) for name in ("min", "max")}
        return {"options": _read_options(posted, definition), **limits}
    if type_ == "number":
        numbers = {name: _read_number(posted, name) for name in ("min", "max", "decimals")}
        if not numbers["decimals"] and "decimals" not in old:
            del numbers["decimals"]
        return {**numbers, "unit": read_texts(posted, "unit", definition.locales)}
    if type_ == "date":
        return {name: posted.get(name, "").strip() or None for name in ("earliest", "latest")}
    if type_ == "emotion":
        ranks = [rank for rank in RANKS if str(rank) in posted.getlist("emotions")]
        return {"emotions": None if ranks == list(RANKS) and "emotions" not in old else ranks}
    return {}


def _read_number(posted: Posted, name: str) -> float | str | None:
    text = posted.get(name, "").strip().replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return text or None
    return int(number) if number.is_integer() else number


def _read_condition(posted: Posted, definition: Survey, old: Fields) -> Fields | None:
    key, operator = posted.get("when.question", ""), posted.get("when.operator", "")
    if posted.get("when.kept"):
        return old.get("show_if")
    if not key:
        return None
    value = posted.get("when.value", "") or posted.get("when.other", "")
    sentence = Sentence(key, operator if operator in OPERATORS else OPERATORS[0], value)
    return rule_of(sentence, definition.find_question(key_of(sentence)))


def _read_options(posted: Posted, definition: Survey) -> list[Fields]:
    options: list[Fields] = []
    for number in range(_count_options(posted)):
        texts = read_texts(posted, f"option.{number}", definition.locales)
        if texts:
            key = posted.get(f"option.{number}.key", "") or _free_key(texts, definition, options)
            options.append({"key": key, "text": texts})
    return options


def _count_options(posted: Posted) -> int:
    numbers = [name.split(".")[1] for name in posted if name.startswith("option.")]
    return max(
        (int(number) + 1 for number in numbers if number.isascii() and number.isdigit() and len(number) < 4), default=0
    )


def _free_key(texts: Fields, definition: Survey, options: list[Fields]) -> str:
    name = texts.get(definition.default_locale) or next(iter(texts.values()))
    taken = {option["key"] for option in options}
    return next(key for n in range(1, 1002) if (key := key_from(name, "answer", n)) not in taken)
