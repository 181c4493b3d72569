"""The customer's page as values: which survey in which language, what stands in the form, what is said afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Response, g, make_response, render_template
from flask_babel import gettext as _
from flask_babel import refresh

from app.kernel import clock
from app.kernel.errors import Fault
from app.surveys.answering.views import words
from app.surveys.design.definition import Answer, Question, Survey, Texts
from app.surveys.design.logic import visible_questions
from app.surveys.design.preview import Worded, control_of, worded
from app.surveys.design.question_types import type_of
from app.surveys.design.question_types.emotion import token_in
from app.surveys.design.rules import AnswerFault, preselected, validate_form, with_today
from app.surveys.design.texts import pick
from app.tenants import queries as tenants
from app.tenants.access import tenant
from app.tenants.brand import Brand
from app.web.shell import page_language


@dataclass(frozen=True)
class CustomerPage:
    """One survey as one customer sees it.

    `address` takes the POSTs. `known` are the answers that stand in the form, `typed` what a refused form held besides.
    `key` belongs to open links, `stop_url` to invitations.
    """

    definition: Survey
    locale: str
    address: str
    occurred_at: datetime | None = None
    timezone: str = "UTC"
    revision: int = 0
    key: str | None = None
    stop_url: str | None = None
    known: Mapping[str, Answer] | None = None
    typed: Mapping[str, Sequence[str]] | None = None

    def with_score(self, score: str | None) -> CustomerPage:
        """The page with the answer chosen that the link in the mail stood for."""
        chosen = preselected(self.definition, score) if score else {}
        return replace(self, known={**(self.known or {}), **chosen})

    def with_form(self, fields: Mapping[str, Sequence[str]]) -> CustomerPage:
        """The page with everything in it that a form held, good or bad."""
        answers, _faults = validate_form(self.definition, fields, complete=False)
        return replace(self, known=answers, typed=fields)


def speak(locale: str) -> None:
    """From here on the page's own words are in this language, as far as they have been translated."""
    g.locale = locale
    refresh()


def brand() -> Brand:
    """Whose page this is."""
    return tenants.brand(tenant().name)


def render_form(page: CustomerPage, faults: Sequence[Fault] = (), status: int = 200) -> Response:
    """The survey as a form; with `faults` it says beside each question, and on top, what is to be put right."""
    speak(page.locale)
    definition, locale = with_today(page.definition, clock.now()), page.locale
    shown = visible_questions(definition, page.known or {})
    errors = _errors(definition, faults)
    title, title_lang = pick(definition.title, locale, definition.default_locale)
    html = render_template(
        "answering/form.html",
        brand=brand(),
        page=page,
        page_title=words.about_in_words(title, title_lang, page.occurred_at, page.timezone, page_language()),
        title_lang=_foreign(title_lang),
        intro=_text(definition.intro, page),
        action=f"{page.address}{'&' if '?' in page.address else '?'}lang={locale}",
        questions=[_question(question, page, question.key in shown, errors) for question in definition.questions],
        languages=[(code, words.language_name(code)) for code in definition.locales if code != locale],
    )
    return make_response(html, status)


def _render_message(title: str, lines: Sequence[str], status: int = 200, **more: Any) -> Response:
    html = render_template("answering/message.html", brand=brand(), page_title=title, lines=lines, **more)
    return make_response(html, status)


def render_closed(locale: str) -> Response:
    """For a link whose time is over."""
    speak(locale)
    return _render_message(
        _("This survey is closed"),
        [_("The link was right, but the time to answer is over. Nothing was saved.")],
        status=410,
    )


def render_answered(locale: str) -> Response:
    """For other answers than those that were sent already."""
    speak(locale)
    return _render_message(
        _("You have answered already"),
        [_("Your first answer has arrived and stands as you sent it. Nothing was changed.")],
        status=409,
    )


def render_thanks(
    page: CustomerPage, department: str | None, promise: str | None, follow_url: str | None = None
) -> Response:
    """After sending: thanks, what is promised and where that can be followed, and who reads it."""
    speak(page.locale)
    lines = [words.readers_in_words(brand().name, department), _("You can close this page.")]
    thanks = _text(page.definition.thanks, page)
    return _render_message(_("Thank you"), lines, is_done=True, thanks=thanks, promise=promise, follow_url=follow_url)


def _text(texts: Texts | None, page: CustomerPage) -> Worded | None:
    return worded(page.definition, texts, page.locale, page_language()) if texts else None


def _foreign(lang: str) -> str | None:
    """The language to mark a text with: none when it is that of the page."""
    return None if lang == page_language() else lang


def _question(question: Question, page: CustomerPage, is_shown: bool, errors: Mapping[str, str]) -> dict[str, Any]:
    def say(texts: Texts) -> Worded:
        return worded(page.definition, texts, page.locale, page_language())

    is_conditional = question.condition is not None
    return {
        **control_of(question, say, page.key or token_in(page.address)),
        "when": words.condition_in_words(page.definition, question, page.locale) if is_conditional else None,
        "hidden": not is_shown and question.key not in errors,
        "value": _value(question, page),
        "error": errors.get(question.key),
    }


def _value(question: Question, page: CustomerPage) -> Any:
    typed = (page.typed or {}).get(question.key)
    if typed:
        return type_of(question).as_typed(typed)
    answer = (page.known or {}).get(question.key)
    return type_of(question).as_json(answer) if answer else None


def _errors(definition: Survey, faults: Sequence[Fault]) -> dict[str, str]:
    """One sentence for each question with a fault; what belongs to no question stands at the first one."""
    errors: dict[str, str] = {}
    for fault in faults:
        key = fault.key if isinstance(fault, AnswerFault) else ""
        question = definition.find_question(key)
        if question is not None and isinstance(fault, AnswerFault):
            errors[key] = words.fault_in_words(fault.reason, question)
        else:
            sentence = words.out_of_date() if key else words.nothing_answered()
            errors.setdefault(definition.questions[0].key, sentence)
    return errors
