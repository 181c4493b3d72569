"""What the customer's page says of itself: why an answer is not taken, when a question applies, what happens next."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from flask_babel import gettext as _
from flask_babel import ngettext

from app.kernel.locales import babel_locale
from app.surveys.design.conditions import Sentence, key_of, sentence_of
from app.surveys.design.definition import Answer, Question, Survey
from app.surveys.design.question_types import type_of
from app.surveys.design.question_types.base import Reason
from app.surveys.design.texts import pick
from app.tenants.sessions import LANGUAGES


def fault_in_words(reason: Reason, question: Question) -> str:
    """Why this answer is not taken, as a request to the customer."""
    if reason == "required":
        return _("Please answer this question.")
    if reason == "too_long":
        return _("Please shorten this to %(limit)s characters.", limit=question.max_length)
    if reason == "characters":
        return _("There are characters in this that cannot be kept. Please type it anew.")
    if reason == "too_many":
        return _("Please choose at most %(most)s.", most=question.most)
    if reason == "too_few":
        return _("Please choose at least %(least)s.", least=question.least)
    if reason == "both":
        return _("Please answer both: what you expected and what you got.")
    if reason == "number":
        return _("Please write this as a number, such as 12.")
    if reason == "decimals":
        return _decimals_in_words(question.decimals)
    if reason == "date":
        return _("Please write the day as 2026-01-31.")
    if reason == "range" and question.type == "number":
        return _range_in_words(question.least, question.most)
    if reason == "range" and question.type == "date":
        return _days_in_words(question.earliest, question.latest)
    return _("Please choose one of the answers.")


def wrong_in_words(question: Question) -> str | None:
    """What is asked for where something stands that is no answer to this question; None where nothing else can."""
    if question.type == "expectation":
        return fault_in_words("both", question)
    if question.type == "multiple" and question.least is not None:
        return fault_in_words("too_few", question)
    if question.type == "date":
        is_bounded = question.earliest is not None or question.latest is not None
        return fault_in_words("range" if is_bounded else "date", question)
    return _number_in_words(question) if question.type == "number" else None


def _number_in_words(question: Question) -> str:
    kind = _decimals_in_words(0) if question.decimals == 0 else _("Please write this as a number, such as 12.")
    if question.least is None and question.most is None:
        return kind
    return _("%(first)s %(second)s", first=kind, second=_range_in_words(question.least, question.most))


def _decimals_in_words(decimals: int) -> str:
    if decimals == 0:
        return _("Please write a whole number.")
    return ngettext(
        "Please write at most one digit after the point.",
        "Please write at most %(num)d digits after the point.",
        decimals,
    )


def _range_in_words(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return _("Please stay between %(low)s and %(high)s.", low=low, high=high)
    if low is not None:
        return _("Please give at least %(low)s.", low=low)
    if high is not None:
        return _("Please give at most %(high)s.", high=high)
    return _("This is further than we can keep. Please check it.")


def _days_in_words(first: str | None, last: str | None) -> str:
    if first is not None and last is not None:
        return _("Please stay between %(low)s and %(high)s.", low=first, high=last)
    if first is not None:
        return _("Please give a day from %(first)s on.", first=first)
    return _("Please give a day up to %(last)s.", last=last)


def nothing_answered() -> str:
    """For a page that was sent empty."""
    return _("Please answer at least one question.")


def out_of_date() -> str:
    """For a page whose questions are not (or no longer) those of the survey."""
    return _("This page was out of date. Please look at your answers and send them again.")


def condition_in_words(definition: Survey, question: Question, locale: str) -> str:
    """When a conditional question applies: for a page without script, where it always stands."""
    sentence = sentence_of(question.show_if)
    asked = definition.find_question(key_of(sentence)) if sentence else None
    said = None
    if sentence is not None and asked is not None:
        text = pick(asked.text, locale, definition.default_locale)[0]
        said = _compared(sentence, _named(asked, sentence.value, locale, definition.default_locale), text)
    return said or _("This is for some answers only. Leave it out if it does not apply to you.")


def _compared(sentence: Sentence, value: str, question: str) -> str | None:
    if sentence.operator in ("==", "has"):
        return _("Only if you chose %(value)s for “%(question)s”", value=value, question=question)
    if sentence.operator == "<=":
        return _("Only if you chose %(value)s or less for “%(question)s”", value=value, question=question)
    if sentence.operator == ">=":
        return _("Only if you chose %(value)s or more for “%(question)s”", value=value, question=question)
    if sentence.operator == "answered":
        return _("Only if you answered “%(question)s”", question=question)
    return None


def _named(question: Question, value: str, locale: str, default_locale: str) -> str:
    """What the value of a condition is called: the text of an option, the word of a feeling, a day."""
    handler = type_of(question)
    read = handler.parse_form(question, [value]) if handler.kind in ("list", "date") or question.options else None
    return handler.display(question, read, locale, default_locale) if isinstance(read, Answer) else value


def about_in_words(title: str, title_lang: str, occurred_at: datetime | None, timezone: str, spoken: str) -> str:
    """What the customer is asked about, by name and day: "Your delivery of 12 January".

    `spoken` is the language of the page's own words: our "of" would stand wrong in a title of another.
    """
    if occurred_at is None:
        return title
    day = format_skeleton("MMMMd", occurred_at.astimezone(ZoneInfo(timezone)), locale=babel_locale(title_lang))
    if title_lang.partition("-")[0] == spoken.partition("-")[0]:
        return _("%(title)s of %(date)s", title=title, date=day)
    return f"{title} · {day}"


def language_name(code: str) -> str:
    """A language named in itself."""
    if code in LANGUAGES:
        return LANGUAGES[code]
    locale = Locale.parse(code, sep="-") if _is_known(code) else None
    name = locale.get_display_name(locale) if locale else None
    return name[:1].upper() + name[1:] if name else code


def _is_known(code: str) -> bool:
    try:
        Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def promise_in_words(when: str) -> str:
    """By when somebody is in touch."""
    return _("We want to do better than this: somebody from our team gets in touch with you by %(when)s.", when=when)


def not_solved_in_words() -> str:
    """After a follow-up that says "not solved"."""
    return _("We are sorry that this is not solved. We take it up again, and somebody else looks after it.")


def readers_in_words(brand: str, department: str | None) -> str:
    """Who reads the answers."""
    if department:
        return _("The team “%(team)s” at %(brand)s reads every answer.", team=department, brand=brand)
    return _("The people at %(brand)s read every answer.", brand=brand)
