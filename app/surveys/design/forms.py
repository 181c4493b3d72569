"""What the forms of the builder hold, read into the fields of a definition. The grammar judges them, not these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from app.kernel.naming import KEY_PATTERN, LONGEST_NAME, key_from
from app.surveys.design.conditions import OPERATORS, Sentence, rule_of
from app.surveys.design.definition import Survey
from app.surveys.design.question_types.choice import ChoiceType
from app.surveys.design.starters import STARTERS

Posted = Mapping[str, str]
Fields = dict[str, Any]

_NEVER = datetime.min.replace(tzinfo=UTC)

ROOM_FOR_OPTIONS = 2
"""Empty rows below the answers of a choice."""


NEW_SURVEY_SENTENCES = {
    "/name": _l("Write a name that can be read, of at most 200 characters."),
    "/key": _l("This key is taken."),
}


class NewSurveyForm(FlaskForm):
    """A new survey: its name, what it begins as, and its key."""

    class Meta:
        csrf = False

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


def read_question(posted: Posted, definition: Survey, type_: str, old: Fields) -> Fields:
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
    if type_ == ChoiceType.name:
        fields["options"] = _read_options(posted, definition)
    return fields


def _read_condition(posted: Posted, definition: Survey, old: Fields) -> Fields | None:
    key, operator = posted.get("when.question", ""), posted.get("when.operator", "")
    if posted.get("when.kept"):
        return old.get("show_if")
    if not key:
        return None
    sentence = Sentence(key, operator if operator in OPERATORS else OPERATORS[0], posted.get("when.value", ""))
    return rule_of(sentence, definition.find_question(key))


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
