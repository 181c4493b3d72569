"""The script of a widget: the built one, called with everything that it shows.

What stands inside is public: the survey's own words, our own, and when to show itself (WIDGET_KEYS in its tests).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _

from app.kernel import clock
from app.surveys.answering.models import Widget
from app.surveys.answering.views import page as pages
from app.surveys.answering.views import words
from app.surveys.answering.views.widget_question import Said, question_of
from app.surveys.design.definition import Survey, Texts
from app.surveys.design.javascript import function_of, literal
from app.surveys.design.queries import newest_version
from app.surveys.design.reading import read_version
from app.surveys.design.rules import with_today
from app.surveys.design.texts import direction, pick
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
    definition = with_today(read_version(version), clock.now())
    locale = choose(definition.locales) or definition.default_locale
    pages.speak(locale)
    contents = _contents(widget, definition, locale)
    before = f"const PARTS={{}},IFS={_conditions(definition)};{_parts(contents['questions'])}"
    return f"(HEED=>{{{before}{_built('widget')}}})({literal({**contents, **more})});\n"


def _conditions(definition: Survey) -> str:
    """By the place of each question when it applies; nothing stands for always."""
    written = (function_of(question.condition) if question.condition else "" for question in definition.questions)
    return f"[{','.join(written).rstrip(',')}]"


def _parts(questions: Sequence[dict[str, Any]]) -> str:
    """What draws these questions and is not in every widget."""
    names = {question["draw"] for question in questions if "draw" in question}
    return "".join(_built(f"widget-{name}") for name in sorted(names))


def _built(name: str) -> str:
    return inline_asset(f"{name}.js").strip().removeprefix('"use strict";')


def _contents(widget: Widget, definition: Survey, locale: str) -> dict[str, Any]:
    def say(texts: Texts) -> Said:
        text, lang = pick(texts, locale, definition.default_locale)
        return text if lang == page_language() else [text, lang]

    contents = {
        "kind": widget.kind,
        "locale": locale,
        "lang": page_language(),
        "dir": direction(locale),
        "when": _when(widget),
        "title": say(definition.title),
        "intro": say(definition.intro) if definition.intro else None,
        "thanks": say(definition.thanks) if definition.thanks else None,
        "questions": [question_of(question, say, str(widget.id)) for question in definition.questions],
        "words": _words(widget),
    }
    return {name: value for name, value in contents.items() if value is not None}


def _when(widget: Widget) -> dict[str, Any]:
    """When the widget shows itself; what is as it usually is stays out."""
    rules: tuple[tuple[str, Any, Any], ...] = (
        ("paths", _pages(widget.paths), ""),
        ("delay", widget.delay_seconds, 0),
        ("scroll", widget.scroll_percent, 0),
        ("sample", widget.sample_percent, 100),
        ("again", widget.again_after_days, None),
    )
    return {name: value for name, value, usual in rules if value != usual}


def _pages(patterns: Sequence[str]) -> str:
    """A regular expression in JavaScript for the paths of pages that fit one of these; empty for every page."""
    # Python escapes nothing that means something else to JavaScript: both leave letters and digits alone.
    written = ("".join(".*" if character == "*" else re.escape(character) for character in each) for each in patterns)
    return f"^({'|'.join(written)})$" if patterns else ""


def _words(widget: Widget) -> dict[str, str]:
    """Our own words, by the names under which frontend/widget.ts says them; what is never said stays out."""
    usual = {
        "send": _("Send"),
        "optional": _("optional"),
        "required": _("Please answer this question."),
        "thanks": _("Thank you"),
        "readers": words.readers_in_words(pages.brand().name, None),
        "kept": _("You are offline. Your answer is kept on this device until it can be sent."),
        "closed": _("This survey is closed"),
    }
    if widget.kind == "inline":
        return usual
    usual["close"] = _("Close")
    return {**usual, "open": _("Feedback")} if widget.kind == "button" else usual
