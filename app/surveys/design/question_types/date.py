"""The date question: a day of the calendar, with the first and the last day that may be given."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from babel.dates import format_date
from pydantic import AfterValidator, Field

from app.kernel.errors import Fault
from app.kernel.locales import babel_locale
from app.surveys.design.definition import Answer, Question
from app.surveys.design.question_types.base import QuestionShape, QuestionType, Refusal, describe

TODAY = "today"
FIRST, LAST = "1900-01-01", "2199-12-31"

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TYPED = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日?)", re.ASCII)


def is_day(text: str) -> bool:
    """Whether this is a day of the calendar between 1900 and 2199, spelled YYYY-MM-DD."""
    if not _ISO.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return FIRST <= text <= LAST


def _bound(text: str) -> str:
    if text != TODAY and not is_day(text):
        raise ValueError('Must be a day such as 2026-01-31, or "today".')
    return text


Bound = Annotated[str, AfterValidator(_bound)]


class DateShape(QuestionShape):
    """A question answered with a day."""

    type: Literal["date"]
    earliest: Bound | None = Field(default=None, description='The first day that may be given: YYYY-MM-DD or "today".')
    latest: Bound | None = Field(default=None, description='The last day that may be given: YYYY-MM-DD or "today".')


class DateType(QuestionType[DateShape]):
    """An answer is a day spelled YYYY-MM-DD: such texts stand in the order of the days."""

    name = "date"
    kind = "date"
    shape = DateShape

    def build(self, shape: DateShape) -> Question:
        """Turn the JSON fields into a question."""
        return replace(super().build(shape), earliest=shape.earliest, latest=shape.latest)

    def check_definition(self, question: Question) -> list[Fault]:
        """Some day must lie between the bounds."""
        earliest, latest = question.earliest, question.latest
        is_empty = earliest and latest and TODAY not in (earliest, latest) and earliest > latest
        return [Fault("/latest", "Must not be before the earliest day.")] if is_empty else []

    def check_literal(self, question: Question, value: object) -> str | None:
        """A condition must spell a day as answers are."""
        return None if isinstance(value, str) and is_day(value) else "Must be a day such as 2026-01-31."

    def parse_json(self, question: Question, value: object) -> Answer | Refusal | None:
        """Take a day spelled YYYY-MM-DD; an empty text is no answer."""
        if not isinstance(value, str):
            return Refusal("type", f"Must be a day such as 2026-01-31, not {describe(value)}.")
        return self._day(question, value) if value else None

    def _parse_string(self, question: Question, string: str) -> Answer | Refusal | None:
        """What the browser's own field sends, or what was typed year first: other orders cannot be told apart."""
        text = "".join(unicodedata.normalize("NFKC", string).split())
        typed = _TYPED.fullmatch(text)
        if typed:
            year, month, day = typed[1], typed[3] or typed[5], typed[4] or typed[6]
            text = f"{year}-{month:0>2}-{day:0>2}"
        return self._day(question, text) if text else None

    def _day(self, question: Question, text: str) -> Answer | Refusal:
        if not is_day(text):
            return Refusal("date", "Must be a day of the calendar, 1900 to 2199, such as 2026-01-31.")
        # "today" is put in before answers are read (rules.as_of); where nobody has, it limits nothing.
        earliest, latest = (None if bound == TODAY else bound for bound in (question.earliest, question.latest))
        if not (earliest or FIRST) <= text <= (latest or LAST):
            return Refusal("range", f"Must be a day from {earliest or FIRST} to {latest or LAST}.")
        return Answer(text=text)

    def display(self, question: Question, answer: Answer, locale: str | None, default_locale: str) -> str:
        """The day as readers of `locale` write it."""
        day = date.fromisoformat(str(answer.value))
        return format_date(day, "long", locale=babel_locale(locale, default_locale))
