"""The script of a widget: the built one, called with everything that it shows.

What stands inside is public: the survey's own words, our own, and when to show itself (WIDGET_KEYS in its tests).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.surveys.answering.models import Widget
from app.surveys.answering.views import page as pages
from app.surveys.answering.views import words
from app.surveys.design.definition import Question, Survey, Texts
from app.surveys.design.queries import newest_version
from app.surveys.design.reading import read_version
from app.surveys.design.texts import direction, pick
from app.tenants.access import tenant
from app.web.assets import inline_asset
from app.web.shell import page_language

NOTHING = "/* This survey asks nobody now. */\n"
NOT_HERE = 'console.warn("Heed: this site is not on the list of this widget");\n'

Choose = Callable[[Sequence[str]], str | None]
"""The language to speak, out of those that the survey is offered in; None for its default."""


def script_of(widget: Widget, choose: Choose) -> str:
    """What a page runs: the widget with its survey, or a remark where nothing is asked (switched off, closed)."""
    if not widget.is_active or widget.survey.closed_at is not None:
        return NOTHING
    return _called_with(widget, choose)


def trial_of(widget: Widget, choose: Choose) -> str:
    """The same for a trial: shown at once, whether it is switched on or not, and nothing is sent or remembered."""
    return _called_with(widget, choose, isTrial=True)


def _called_with(widget: Widget, choose: Choose, **more: Any) -> str:
    version = newest_version(widget.survey)
    if version is None:
        return NOTHING
    definition = read_version(version)
    locale = choose(definition.locales) or definition.default_locale
    pages.speak(locale)
    contents = {**_contents(widget, definition, locale), **more}
    # "<" is spelled out, so that the script can also be copied into a page.
    written = json.dumps(contents, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    has_conditions = any(question.condition for question in definition.questions)
    built = inline_asset("widget-full.js" if has_conditions else "widget.js").strip()
    return f"(HEED=>{{{built}}})({written});\n"


def _contents(widget: Widget, definition: Survey, locale: str) -> dict[str, Any]:
    say = _Speaker(definition, locale)
    link = url_for("open_link.survey", tenant=tenant().slug, survey=widget.survey.key, lang=locale)
    contents = {
        "kind": widget.kind,
        "locale": locale,
        "lang": page_language(),
        "dir": direction(locale),
        "when": _when(widget),
        "title": say(definition.title),
        "intro": say(definition.intro),
        "thanks": say(definition.thanks),
        "questions": [say.question(question) for question in definition.questions],
        "words": _words(),
        "link": link if widget.survey.has_open_link else None,
    }
    return {name: value for name, value in contents.items() if value is not None}


def _when(widget: Widget) -> dict[str, Any]:
    """When the widget shows itself; what is as it usually is stays out."""
    rules: tuple[tuple[str, Any, Any], ...] = (
        ("paths", widget.paths, []),
        ("delay", widget.delay_seconds, 0),
        ("scroll", widget.scroll_percent, 0),
        ("sample", widget.sample_percent, 100),
        ("again", widget.again_after_days, None),
    )
    return {name: value for name, value, usual in rules if value != usual}


class _Speaker:
    """The survey's words for one reader: a text, or [text, language] where it is not that of our own words."""

    def __init__(self, definition: Survey, locale: str) -> None:
        self._default, self._locale = definition.default_locale, locale

    def __call__(self, texts: Texts | None) -> str | list[str] | None:
        if texts is None:
            return None
        text, lang = pick(texts, self._locale, self._default)
        return text if lang == page_language() else [text, lang]

    def question(self, question: Question) -> dict[str, Any]:
        """A question as the widget draws it."""
        contents: Mapping[str, Any] = {
            "key": question.key,
            "type": question.type,
            "text": self(question.text),
            "help": self(question.help),
            "required": question.is_required or None,
            "options": self._options(question) or None,
            "most": question.max_length,
            "if": question.condition,
            "ends": [_("Not at all likely"), _("Extremely likely")] if question.type == "nps" else None,
        }
        return {name: value for name, value in contents.items() if value is not None}

    def _options(self, question: Question) -> list[list[Any]]:
        """What can be chosen: value and text."""
        if question.type == "nps":
            return [[value, str(value)] for value in range(11)]
        if question.type == "csat":
            return [[value, f"{value} · {step}"] for value, step in enumerate(_steps(), 1)]
        return [[option.key, self(option.text)] for option in question.options]


def _steps() -> list[str]:
    return [_("Very dissatisfied"), _("Dissatisfied"), _("Neither"), _("Satisfied"), _("Very satisfied")]


def _words() -> dict[str, str]:
    """Our own words, by the names under which frontend/widget.ts says them."""
    return {
        "send": _("Send"),
        "close": _("Close"),
        "open": _("Feedback"),
        "link": _("Answer in a new tab"),
        "optional": _("optional"),
        "required": _("Please answer this question."),
        "thanks": _("Thank you"),
        "readers": words.readers_in_words(pages.brand().name, None),
        "kept": _("You are offline. Your answer is kept on this device until it can be sent."),
        "closed": _("This survey is closed"),
    }
