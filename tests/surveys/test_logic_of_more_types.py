"""Conditions on effort, emotion, expectation, multiple, number and date: the same here and in the browser.

The browser's side is the page's own source, run by a JavaScript engine of its own.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import quickjs

from app.surveys.design.conditions import Sentence, rule_of, sentence_of
from app.surveys.design.definition import Answer, Question, Survey
from app.surveys.design.edits import replace_question
from app.surveys.design.javascript import function_of
from app.surveys.design.logic import check_condition, guarded, visible_questions
from app.surveys.design.question_types import TYPES
from app.surveys.design.question_types.base import Refusal
from app.surveys.design.rules import validate_answers
from tests.surveys.every_type import SURVEY, definition, question

ROOT = Path(__file__).parents[2]

ces, feel, hoped, some, wait, day = ({"var": key} for key in ("ces", "feel", "hoped", "some", "wait", "day"))
expected, perceived = {"var": "hoped.expected"}, {"var": "hoped.perceived"}

PAIR = {"hoped": {"expected": 6, "perceived": 3}}

ANSWERED: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"<=": [ces, 2]}, {"ces": 2}, True),
    ({"<=": [ces, 2]}, {"ces": 3}, False),
    ({"in": [ces, [1, 2]]}, {"ces": 2}, True),
    ({"in": [2, feel]}, {"feel": [2, 6]}, True),
    ({"in": [11, feel]}, {"feel": [2, 6]}, False),
    ({"or": [{"in": [2, feel]}, {"in": [20, feel]}]}, {"feel": [20]}, True),
    ({"!": [{"in": [2, feel]}]}, {"feel": [20]}, True),
    ({"!=": [feel, None]}, {"feel": [2]}, True),
    ({"==": [feel, None]}, {"feel": [2]}, False),
    (feel, {"feel": [2]}, True),
    ({"in": ["late", some]}, {"some": ["damaged", "late"]}, True),
    ({"in": ["dear", some]}, {"some": ["damaged", "late"]}, False),
    ({"!!": [some]}, {"some": ["late"]}, True),
    ({"<": [perceived, expected]}, PAIR, True),
    ({">=": [perceived, expected]}, PAIR, False),
    ({"==": [expected, 6]}, PAIR, True),
    ({"<=": [2, perceived, 4]}, PAIR, True),
    ({"in": [perceived, [3]]}, PAIR, True),
    (hoped, PAIR, True),
    (expected, PAIR, True),
    ({">=": [wait, 2.5]}, {"wait": 2.5}, True),
    ({">": [wait, 2.5]}, {"wait": 2.5}, False),
    ({"==": [wait, 0]}, {"wait": 0}, True),
    ({"!=": [wait, None]}, {"wait": 0}, True),
    ({"<": [wait, ces]}, {"wait": -1.5, "ces": 1}, True),
    ({"<": [day, "2026-02-01"]}, {"day": "2026-01-31"}, True),
    ({"<=": ["2026-01-31", day, "2026-02-10"]}, {"day": "2026-02-01"}, True),
    ({">": [day, "2026-02-01"]}, {"day": "2026-02-01"}, False),
    ({"==": [day, "2026-02-01"]}, {"day": "2026-02-01"}, True),
    ({"in": [day, ["2026-02-01"]]}, {"day": "2026-02-01"}, True),
    ({"<=": [ces, 2]}, {}, False),
    ({"in": [2, feel]}, {}, False),
    ({"!": [{"in": [2, feel]}]}, {}, True),
    ({"in": ["late", some]}, {}, False),
    ({"<": [perceived, expected]}, {}, False),
    ({"<=": [wait, 5]}, {}, False),
    ({"<": [day, "2026-02-01"]}, {}, False),
    ({"==": [hoped, None]}, {}, True),
    (expected, {}, False),
    ({"==": [ces, wait]}, {}, True),
    ({"!=": [ces, wait]}, {"ces": 1}, True),
    ({"==": [expected, ces]}, {}, True),
    ({"!": [{"or": [{"==": [ces, 1]}, {"<": [wait, 5]}]}]}, {"ces": 2, "wait": 7}, True),
    (feel, {}, False),
]


@pytest.fixture(scope="module")
def browser_side() -> quickjs.Context:
    """What the page decides with."""
    context = quickjs.Context()
    for source, name in (("jsonlogic.ts", "logic"), ("numbers.ts", "numbers")):
        command = [str(ROOT / "node_modules/.bin/esbuild"), str(ROOT / "frontend" / source)]
        flags = ["--bundle", "--format=iife", f"--global-name={name}"]
        context.eval(subprocess.run([*command, *flags], check=True, capture_output=True, text=True).stdout)
    return context


@pytest.mark.parametrize(("rule", "answers", "shows"), ANSWERED)
def test_both_sides_agree(
    browser_side: quickjs.Context, rule: dict[str, Any], answers: dict[str, Any], shows: bool
) -> None:
    assert check_condition(rule, SURVEY.questions) == []
    last = Question("last", "text", {"en": "Last?"}, show_if=rule, condition=guarded(rule))
    survey = Survey({"en": "S"}, "en", (*SURVEY.questions, last))
    given, refused = validate_answers(survey, answers, complete=False)
    assert refused == []
    assert ("last" in visible_questions(survey, given)) is shows
    assert browser_side.eval(f"logic.holds({json.dumps(guarded(rule))}, {json.dumps(answers)})") is shows
    bare = f"Object.assign(Object.create(null), {json.dumps(answers)})"
    assert browser_side.eval(f"Boolean(({function_of(guarded(rule))})({bare}))") is shows, "the widget's way"


@pytest.mark.parametrize("key", ["constructor", "__proto__", "a-b", "7", "if"])
def test_any_key_stands_in_a_condition_of_the_widget(browser_side: quickjs.Context, key: str) -> None:
    written = function_of(guarded({"<=": [{"var": key}, 6]}))
    assert browser_side.eval(f"Boolean(({written})(Object.create(null)))") is False
    assert browser_side.eval(f"a = Object.create(null); a[{json.dumps(key)}] = 6; ({written})(a)") is True


def test_a_text_ends_no_script(browser_side: quickjs.Context) -> None:
    hostile = "</script>\u2028'\"\\`${1}<!--"
    written = function_of(guarded({"in": [{"var": "why"}, [hostile]]}))
    assert "</" not in written and "<!" not in written
    assert browser_side.eval(f"({written})({{why: {json.dumps(hostile)}}})") is True


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        ({"<=": [feel, 4]}, "/<=/0"),
        ({"==": [feel, 2]}, "/==/1"),
        ({"==": [feel, some]}, "/==/1"),
        ({"in": [feel, [2]]}, "/in/1/0"),
        ({"in": [1, feel]}, "/in/0"),
        ({"in": ["2", feel]}, "/in/0"),
        ({"in": [True, feel]}, "/in/0"),
        ({"in": [feel, feel]}, "/in/0"),
        ({"in": ["gone", some]}, "/in/0"),
        ({"in": [2, ces]}, "/in/1"),
        ({"in": [2, {"var": "gone"}]}, "/in/1"),
        ({"==": [hoped, 6]}, "/==/1"),
        ({"<": [hoped, 6]}, "/</0"),
        ({"==": [expected, 8]}, "/==/1"),
        ({"==": [expected, "6"]}, "/==/1"),
        ({"<": [{"var": "hoped.gap"}, 0]}, "/</0"),
        ({"<": [{"var": "ces.expected"}, 0]}, "/</0"),
        ({"<": [{"var": "hoped."}, 0]}, "/</0"),
        (wait, ""),
        ({"==": [wait, 2.125]}, "/==/1"),
        ({"==": [wait, "2"]}, "/==/1"),
        ({"<": [day, "2026-2-1"]}, "/</1"),
        ({"<": [day, "2026-02-30"]}, "/</1"),
        ({"==": [day, "soon"]}, "/==/1"),
        ({"<": [day, 20260201]}, "/</1"),
        ({"<": [day, wait]}, "/</1"),
        ({"==": [day, {"var": "why"}]}, "/==/1"),
    ],
)
def test_what_is_not_well_typed_is_refused(rule: object, pointer: str) -> None:
    assert pointer in [fault.pointer for fault in check_condition(rule, SURVEY.questions)]


@pytest.mark.parametrize(
    "typed",
    ["3", "3,5", "3.5", "-2,25", "1.234,5", "1,234.5", "1.234", "1,234", "0,500", "12 345", "1'234", "１２", "\u22121",
     "", "-", ".5", "5.", "1e3", "0x10", "1,2,3", "1,23,4", "--1", "three", "NaN", "Infinity", "3.141", "1.234.5"],
)  # fmt: skip
@pytest.mark.parametrize("decimals", [0, 2, 3])
def test_a_typed_number_is_read_alike(browser_side: quickjs.Context, typed: str, decimals: int) -> None:
    asked = question("wait", decimals=decimals, min=None, max=None)
    found = TYPES["number"].parse_form(asked, [typed])
    number = browser_side.eval(f"numbers.toNumber({json.dumps(typed)}, {decimals})")
    if isinstance(found, Answer):
        assert number == found.number
    elif isinstance(found, Refusal):
        assert number != number, "NaN: the page saves nothing that the server would refuse"


@pytest.mark.parametrize(
    ("key", "sentence", "rule"),
    [
        ("ces", Sentence("ces", "<=", "2"), {"<=": [ces, 2]}),
        ("feel", Sentence("feel", "has", "2"), {"in": [2, feel]}),
        ("some", Sentence("some", "has", "late"), {"in": ["late", some]}),
        ("hoped", Sentence("hoped.perceived", "<=", "3"), {"<=": [perceived, 3]}),
        ("wait", Sentence("wait", ">=", "-2.5"), {">=": [wait, -2.5]}),
        ("day", Sentence("day", "<=", "2026-02-01"), {"<=": [day, "2026-02-01"]}),
        ("feel", Sentence("feel", "answered"), {"!=": [feel, None]}),
    ],
)
def test_a_sentence_of_the_builder_and_its_rule(key: str, sentence: Sentence, rule: dict[str, Any]) -> None:
    assert rule_of(sentence, question(key)) == rule
    assert sentence_of(rule) == sentence
    assert check_condition(rule, SURVEY.questions) == []


def test_a_renamed_question_is_followed_into_its_parts() -> None:
    raw = definition(why={"show_if": {"and": [{"<": [perceived, expected]}, {"in": [2, feel]}]}})
    renamed = replace_question("hoped", {"key": "hopes"})(raw)
    [why] = [asked for asked in renamed["questions"] if asked["key"] == "why"]
    moved = {"<": [{"var": "hopes.perceived"}, {"var": "hopes.expected"}]}
    assert why["show_if"] == {"and": [moved, {"in": [2, feel]}]}
