"""Every text of the product is there in Simplified Chinese, and no template speaks English past the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "app/web/translations/zh_Hans/LC_MESSAGES/messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None}
SAMPLES = "app/web/templates/web/*preview*.html"
"""Templates whose words are sample values, for those who build pages."""

TEMPLATES = sorted({*ROOT.glob("app/**/templates/**/*.html")} - {*ROOT.glob(SAMPLES)})

NOT_TRANSLATED = {"Heed", "NPS", "CSAT", "API", "SVG", "PNG", "Ctrl", "Shift", "Enter", "Esc", "Tab", "Alt"}
"""Words that stand in a template as they are: names and keys of the keyboard."""

_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w+\}")
_CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|<(script|style|code|pre|svg)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>", re.DOTALL)
_SPOKEN = re.compile(r"""\s(?:title|alt|placeholder|aria-label|aria-description)=(?:"([^"]*)"|'([^']*)')""")
_ATTRIBUTE = re.compile(r"""\s[a-z-]+="[^"]*"|\srequired\b(?= |$)""", re.MULTILINE)
"""What a macro writes into a tag that is not its own."""
_WORD = re.compile(r"[A-Za-z]{2,}")


@cache
def used() -> dict[str, Message]:
    """The messages that the sources ask for, by their (singular) English text."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = Catalog()
    for _, _, message, _, _ in extract_from_dir(
        ROOT / "app", _below_app(methods), dict(_below_app(options.items())), KEYWORDS
    ):
        found.add(message)
    return {singular(message): message for message in found if message.id}


def _below_app(patterns: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Patterns for a walk that starts in app/, so that it need not go through the packages in the root."""
    return [(pattern.removeprefix("app/"), value) for pattern, value in patterns]


@cache
def translated() -> dict[str, Message]:
    """What the catalogue holds, by the same text."""
    with CATALOGUE.open("rb") as file:
        return {
            singular(message): message for message in read_po(file, locale="zh_Hans", abort_invalid=True) if message.id
        }


def singular(message: Message) -> str:
    """The text by which a message is known."""
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(text: str | Iterable[str]) -> tuple[str, ...]:
    """A text of one form or several, as several."""
    return (text,) if isinstance(text, str) else tuple(text)


def is_done(message: Message | None) -> bool:
    """Whether every form is written and checked by a person."""
    return message is not None and not message.fuzzy and all(form.strip() for form in forms(message.string))


def untranslated_words(template: str) -> list[str]:
    """The words that a template would show without asking the catalogue, its attributes for readers included."""
    plain = _CODE.sub(" ", template)
    shown = [
        _ATTRIBUTE.sub(" ", _TAG.sub(" ", plain)),
        *(double or single for double, single in _SPOKEN.findall(plain)),
    ]
    return [word for text in shown for word in _WORD.findall(re.sub(r"&\w+;", " ", text)) if word not in NOT_TRANSLATED]


def test_every_text_is_translated() -> None:
    assert len(used()) > 900
    missing = [text for text in used() if not is_done(translated().get(text))]
    assert missing == [], "run `make translations` and translate these"


def test_plural_texts_are_plural_on_both_sides() -> None:
    wrong = [
        text
        for text, message in used().items()
        if text in translated() and message.pluralizable != translated()[text].pluralizable
    ]
    assert wrong == []


def test_the_catalogue_holds_nothing_else() -> None:
    assert [text for text in translated() if text not in used()] == [], "run `make translations`"


def test_placeholders_are_kept() -> None:
    """The plural names them all: "one thing" may leave its number out."""
    differing = {}
    for text, message in translated().items():
        wanted = sorted(_PLACEHOLDER.findall(forms(message.id)[-1]))
        for form in forms(message.string):
            if form and sorted(_PLACEHOLDER.findall(form)) != wanted:
                differing[text] = form
    assert differing == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_templates_ask_the_catalogue(path: Path) -> None:
    assert untranslated_words(path.read_text()) == []
