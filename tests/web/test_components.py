"""The components say what they must in every state, and never execute what somebody typed."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

Macro = Callable[..., str]
TEMPLATES = Path(__file__).parents[2] / "app/web/templates"
HOSTILE = "'\"><script>alert(1)</script>{{7*7}}"
NPS = {"key": "nps", "type": "nps", "text": "How likely?", "required": True}


@pytest.fixture
def macro(app: Flask) -> Iterator[Callable[[str, str], Macro]]:
    with app.test_request_context():
        yield lambda file, name: getattr(app.jinja_env.get_template(f"components/{file}.html").module, name)


@pytest.mark.parametrize("path", ["", "/rows", "/sign-in", "/respond", "/respond?chosen&faulty", "/thanks"])
@pytest.mark.parametrize("lang", ["en", "zh_Hans"])
def test_every_component_renders_in_every_language(client: FlaskClient, path: str, lang: str) -> None:
    answer = client.get(f"/dev/components{path}{'&' if '?' in path else '?'}lang={lang}")
    assert answer.status_code == 200
    assert path == "/rows" or f'lang="{lang.replace("_", "-")}"' in answer.text


def test_the_preview_shows_every_component() -> None:
    respond = [TEMPLATES / "components" / "respond" / name for name in ("form.html", "control.html")]
    pages = [*TEMPLATES.glob("web/*.html"), *respond]
    imported = set(re.findall(r'from "(components/[^"]+)"', "".join(page.read_text("utf-8") for page in pages)))
    shared_parts = {"components/respond/question.html"}
    written = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.glob("components/**/*.html")}
    assert written - imported - shared_parts == set()


@pytest.mark.parametrize(
    ("n", "given", "says", "never"),
    [
        (67, {}, ["+25", "n 67", "likely between +4 and +45"], ["low base", "No responses"]),
        (29, {}, ["+25", "low base", "is-low"], []),
        (9, {}, ["Too few to show a score", "n 9"], ["+25"]),
        (0, {"value": None, "low": None, "high": None}, ["No responses"], [">0<", "n 0", "low base"]),
        (67, {"suppressed": True}, ["Hidden to protect people"], ["+25", "67"]),
        (67, {"value": -12.4, "low": -16.0, "high": -8.0}, ["−12", "−16"], ["-12<"]),
        (67, {"value": 84.2, "low": 80, "high": 88, "scale": (0, 100), "is_percent": True}, ["84 %"], ["+84"]),
        (67, {"change": "up 9, not distinguishable from no change"}, ["up 9, not distinguishable"], []),
    ],
)
def test_a_score_in_each_state(
    macro: Callable[[str, str], Macro], n: int, given: dict[str, object], says: list[str], never: list[str]
) -> None:
    values = {"value": 25.37, "low": 4.02, "high": 44.55, **given}
    text = str(macro("score", "score")("NPS", n=n, **values))
    assert [words for words in says if words not in text] == []
    assert [words for words in never if words in text] == []


def test_the_interval_stands_where_it_belongs_on_its_scale(macro: Callable[[str, str], Macro]) -> None:
    text = str(macro("score", "score")("NPS", 25.0, 67, 5.0, 45.0))
    assert 'viewBox="0 0 200 10"' in text
    assert 'class="score-range" x="105.00" y="3" width="40.00"' in text
    assert 'class="score-point" x="124.00"' in text


@pytest.mark.parametrize(("value", "x"), [(-100.0, "0.00"), (100.0, "198.00")])
def test_a_score_at_the_end_of_its_scale_stays_on_it(macro: Callable[[str, str], Macro], value: float, x: str) -> None:
    assert f'class="score-point" x="{x}"' in str(macro("score", "score")("NPS", value, 40, value, value))


def test_a_clock_says_soon_and_carries_its_moment(macro: Callable[[str, str], Macro]) -> None:
    text = str(macro("clock", "clock")("due in 20 min", "soon", "2026-11-22T12:00:00+08:00"))
    assert (
        "<strong>Soon:</strong>" in text and '<time datetime="2026-11-22T12:00:00+08:00">due in 20 min</time>' in text
    )


def test_a_person_without_a_name_is_called_so(macro: Callable[[str, str], Macro]) -> None:
    person = macro("person", "person")
    assert "Customer without a name" in person(None, "Ms")
    assert "Ms Chen" in person("Chen", "Ms")
    assert "opted out" in person("Chen", opted_out=True)


@pytest.mark.parametrize(
    ("file", "name", "arguments"),
    [
        ("badge", "badge", (HOSTILE,)),
        ("clock", "clock", (HOSTILE, "late", HOSTILE)),
        ("flash", "notice", (HOSTILE, "danger")),
        ("form", "text_field", ("name", HOSTILE, HOSTILE, HOSTILE, HOSTILE)),
        ("form", "textarea_field", ("name", HOSTILE, HOSTILE, HOSTILE, HOSTILE)),
        ("form", "select_field", ("name", HOSTILE, [(HOSTILE, HOSTILE)], HOSTILE)),
        ("form", "error_summary", ([("name", HOSTILE)],)),
        ("partner_mark", "partner_mark", (HOSTILE, HOSTILE, True)),
        ("person", "person", (HOSTILE, HOSTILE, HOSTILE)),
        ("score", "score", (HOSTILE, 25.0, 67, 4.0, 45.0)),
        (
            "respond/text",
            "text",
            ({"key": "why", "type": "text", "text": HOSTILE, "value": HOSTILE, "error": HOSTILE},),
        ),
        ("respond/nps", "nps", ({**NPS, "show_if": {"==": [{"var": "a"}, HOSTILE]}},)),
        (
            "respond/choice",
            "choice",
            ({"key": "a", "type": "choice", "text": "?", "options": [{"key": "b", "text": HOSTILE}]},),
        ),
    ],
)
def test_what_somebody_typed_stays_text(
    macro: Callable[[str, str], Macro], file: str, name: str, arguments: tuple[object, ...]
) -> None:
    text = str(macro(file, name)(*arguments))
    assert "<script>" not in text
    assert "49" not in text
    # Taking away what stands between well-formed quotes leaves no attribute that was smuggled in.
    assert "alert" not in re.sub(r"\"[^\"]*\"|'[^']*'|>[^<]*<", "", text)


def test_a_question_of_the_respond_page(macro: Callable[[str, str], Macro]) -> None:
    text = str(macro("respond/nps", "nps")({**NPS, "value": 9, "error": "Please choose."}))
    assert text.count('type="radio" name="nps"') == 11
    assert text.count(" required") == 11
    assert re.findall(r'value="(\d+)"[^>]* checked', text) == ["9"]
    assert '<legend class="ask">How likely?</legend>' in text
    assert 'aria-describedby="w-nps e-nps"' in text


def test_zero_is_an_answer(macro: Callable[[str, str], Macro]) -> None:
    assert re.findall(r'value="(\d+)"[^>]* checked', str(macro("respond/nps", "nps")({**NPS, "value": 0}))) == ["0"]


def test_a_conditional_question_is_never_required_by_the_browser(macro: Callable[[str, str], Macro]) -> None:
    text = str(macro("respond/nps", "nps")({**NPS, "show_if": {"<=": [{"var": "x"}, 6]}, "hidden": True}))
    assert " required" not in text
    assert " hidden" in text
    assert """data-show-if='{"\\u003c=": [{"var": "x"}, 6]}'""" in text


def test_the_whole_page_with_its_styles_is_small(client: FlaskClient) -> None:
    assert len(gzip.compress(client.get("/dev/components/respond").data)) < 14_000
