"""What a widget weighs: under 5 kB compressed with its survey inside, in both languages, whatever it asks.

Run with -s, the tests print what they weigh.
"""

from __future__ import annotations

from typing import Any

import pytest

from app.surveys.answering.views.widget_question import DRAWN
from app.surveys.design.question_types import TYPES
from tests.answering.test_widget_ingest import script
from tests.cast import Cast
from tests.factories.widgets import asking, make_widget

MOST_BYTES = 5_000
RULES: dict[str, Any] = {
    "kind": "popover",
    "paths": ("/thanks", "/orders/*"),
    "delay_seconds": 5,
    "again_after_days": 90,
}

both_languages = pytest.mark.parametrize("lang", ["en", "zh-Hans"])


def weights(cast: Cast, definition: dict[str, Any], lang: str) -> dict[str, int]:
    """Bytes by how they are packed; brotli is what browsers take over https."""
    widget = make_widget(cast, definition, **RULES)
    found = {}
    for coding in ("gzip", "br"):
        answer = script(cast, widget, f"?lang={lang}", **{"Accept-Encoding": coding})
        assert answer.headers["Content-Encoding"] == coding
        found[coding] = len(answer.data)
    print(*(question["type"] for question in definition["questions"]), lang, found)
    return found


def with_a_condition(*types: str) -> dict[str, Any]:
    """A survey that asks the last question of those who answered the first one."""
    definition = asking(*types)
    definition["questions"][-1]["show_if"] = {"!=": [{"var": types[0]}, None]}
    return definition


def test_every_type_is_drawn() -> None:
    assert set(DRAWN) == set(TYPES)


@both_languages
@pytest.mark.parametrize("type_", TYPES)
def test_each_type(cast: Cast, type_: str, lang: str) -> None:
    assert max(weights(cast, asking(type_), lang).values()) < MOST_BYTES


@both_languages
def test_a_score_and_why(cast: Cast, lang: str) -> None:
    assert max(weights(cast, asking("nps", "text"), lang).values()) < MOST_BYTES


@both_languages
@pytest.mark.parametrize("types", [("nps", "choice", "text"), ("nps", "multiple", "text"), ("csat", "date", "text")])
def test_three_questions_with_a_condition(cast: Cast, types: tuple[str, ...], lang: str) -> None:
    assert max(weights(cast, with_a_condition(*types), lang).values()) < MOST_BYTES


@both_languages
def test_the_heaviest_three_questions(cast: Cast, lang: str) -> None:
    assert weights(cast, with_a_condition("emotion", "expectation", "number"), lang)["br"] < MOST_BYTES


@both_languages
def test_all_ten_types_at_once(cast: Cast, lang: str) -> None:
    assert weights(cast, with_a_condition(*TYPES), lang)["br"] < 5_500
