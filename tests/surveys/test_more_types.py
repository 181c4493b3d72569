"""Effort, emotion, expectation, multiple, number and date: what they take from JSON and forms, and how they keep it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Invalid
from app.surveys.design.definition import Answer
from app.surveys.design.grammar import canonical_json, normal_definition, parse_definition
from app.surveys.design.question_types import TYPES
from app.surveys.design.question_types.base import Refusal
from app.surveys.design.question_types.emotion import emotions_in_order
from app.surveys.design.rules import preselected, scores, validate_answers, with_today
from tests import hostile
from tests.surveys.every_type import OPTIONS, SURVEY, definition, question

NEW = ("ces", "feel", "hoped", "some", "wait", "day")


def from_json(key: str, value: object, **changed: Any) -> Answer | Refusal | None:
    asked = question(key, **changed)
    return TYPES[asked.type].parse_json(asked, value)


def from_form(key: str, *strings: str, **changed: Any) -> Answer | Refusal | None:
    asked = question(key, **changed)
    return TYPES[asked.type].parse_form(asked, strings)


def reason(given: Answer | Refusal | None) -> str:
    return given.reason if isinstance(given, Refusal) else f"taken: {given}"


def faults(key: str, **changed: Any) -> list[str]:
    place = [asked.key for asked in SURVEY.questions].index(key)
    with pytest.raises(Invalid) as refused:
        parse_definition(definition(**{key: changed}))
    return [fault.pointer.removeprefix(f"/questions/{place}") for fault in refused.value.faults]


GOOD: list[tuple[str, Any, Sequence[str], Answer]] = [
    ("ces", 1, ["1"], Answer(number=1)),
    ("ces", 7, ["7"], Answer(number=7)),
    ("feel", [2], ["2"], Answer(number=0b10)),
    ("feel", [14, 2, 11], ["14", "2", "11"], Answer(number=0b10010000000010)),
    (
        "hoped",
        {"perceived": 3, "expected": 6},
        ["perceived:3", "expected:6"],
        Answer(text='{"expected":6,"perceived":3}'),
    ),
    ("some", ["damaged", "late"], ["damaged", "late"], Answer(text='["late","damaged"]')),
    ("wait", 3, ["3"], Answer(number=3)),
    ("wait", 3.0, ["3.00"], Answer(number=3)),
    ("wait", 0, ["0"], Answer(number=0)),
    ("wait", -2.5, ["-2,5"], Answer(number=-2.5)),
    ("wait", 1234.5, ["1,234.5"], Answer(number=1234.5)),
    ("wait", 1234.5, ["1.234,5"], Answer(number=1234.5)),
    ("wait", 1234, ["1 234"], Answer(number=1234)),
    ("wait", 12, ["１２"], Answer(number=12)),
    ("wait", -1, ["\u22121"], Answer(number=-1)),
    ("day", "2026-02-28", ["2026-02-28"], Answer(text="2026-02-28")),
    ("day", "2026-02-03", ["2026/2/3"], Answer(text="2026-02-03")),
    ("day", "2026-02-03", ["2026年2月3日"], Answer(text="2026-02-03")),
]


@pytest.mark.parametrize(("key", "value", "strings", "kept"), GOOD)
def test_good_answers_are_kept_in_one_spelling(key: str, value: Any, strings: Sequence[str], kept: Answer) -> None:
    assert from_json(key, value) == kept == from_form(key, *strings)
    given = from_json(key, value)
    assert isinstance(given, Answer)
    assert type(given.number) is type(kept.number)
    shown = TYPES[question(key).type].as_json(kept)
    assert from_json(key, shown) == kept, "what the API shows can be sent again"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("ces", 0, "range"),
        ("ces", 8, "range"),
        ("ces", True, "type"),
        ("ces", "3", "type"),
        ("ces", 3.0, "type"),
        ("feel", 2, "type"),
        ("feel", "2", "type"),
        ("feel", {"2": 1}, "type"),
        ("feel", None, "type"),
        ("feel", [2, 6, 11, 14], "too_many"),
        ("feel", list(range(1000)), "too_many"),
        ("feel", [2, 2], "option"),
        ("feel", [1], "option"),
        ("feel", [0], "option"),
        ("feel", [21], "option"),
        ("feel", [-2], "option"),
        ("feel", [10**30], "option"),
        ("feel", [True], "option"),
        ("feel", [2.0], "option"),
        ("feel", ["2"], "option"),
        ("feel", [[2]], "option"),
        ("feel", [None], "option"),
        ("hoped", [6, 3], "type"),
        ("hoped", "6", "type"),
        ("hoped", {}, "both"),
        ("hoped", {"expected": 6}, "both"),
        ("hoped", {"perceived": 6}, "both"),
        ("hoped", {"expected": 6, "perceived": None}, "range"),
        ("hoped", {"expected": 6, "perceived": 8}, "range"),
        ("hoped", {"expected": 0, "perceived": 3}, "range"),
        ("hoped", {"expected": True, "perceived": 3}, "range"),
        ("hoped", {"expected": 6.0, "perceived": 3}, "range"),
        ("hoped", {"expected": "6", "perceived": 3}, "range"),
        ("hoped", {"expected": 6, "perceived": 3, "gap": -3}, "type"),
        ("some", "late", "type"),
        ("some", {"late": True}, "type"),
        ("some", ["late", "late"], "option"),
        ("some", ["gone"], "option"),
        ("some", [1], "option"),
        ("some", [["late"]], "option"),
        ("some", [{}], "option"),
        ("some", ["late", "damaged", "dear"], "too_many"),
        ("wait", "3", "type"),
        ("wait", True, "type"),
        ("wait", None, "type"),
        ("wait", [3], "type"),
        ("wait", float("nan"), "range"),
        ("wait", float("inf"), "range"),
        ("wait", float("-inf"), "range"),
        ("wait", 1e400, "range"),
        ("wait", 10**400, "range"),
        ("wait", -5.01, "range"),
        ("wait", 1500.51, "range"),
        ("wait", 3.141, "decimals"),
        ("day", 20260101, "type"),
        ("day", None, "type"),
        ("day", ["2026-01-01"], "type"),
        ("day", "2026-02-30", "date"),
        ("day", "2025-02-30", "date"),
        ("day", "2026-2-3", "date"),
        ("day", "2026-01-01T00:00:00", "date"),
        ("day", "20260101", "date"),
        ("day", "2026-W01-1", "date"),
        ("day", "０２０２６-01-01", "date"),
        ("day", "٢٠٢٦-٠١-٠١", "date"),
        ("day", "today", "date"),
        ("day", "2025-12-31", "range"),
        ("day", "2027-01-01", "range"),
    ],
)
def test_what_json_does_not_hold(key: str, value: object, expected: str) -> None:
    assert reason(from_json(key, value)) == expected


@pytest.mark.parametrize("day", ["1899-12-31", "2200-01-01", "0001-01-01", "9999-12-31"])
def test_a_date_lies_between_1900_and_2199(day: str) -> None:
    assert reason(from_json("day", day, earliest=None, latest=None)) == "date"


@pytest.mark.parametrize(
    ("key", "strings", "expected"),
    [
        ("ces", ["3", "4"], "type"),
        ("feel", ["2", "6", "11", "14"], "too_many"),
        ("feel", ["2", "2"], "option"),
        ("feel", ["02"], "option"),
        ("feel", ["anger"], "option"),
        ("hoped", ["expected:6"], "both"),
        ("hoped", ["expected:6", "perceived:9"], "range"),
        ("hoped", ["expected:6", "expected:5", "perceived:3"], "type"),
        ("hoped", ["6"], "type"),
        ("some", ["late", "damaged", "dear"], "too_many"),
        ("some", ["late", "late"], "option"),
        ("wait", ["three"], "number"),
        ("wait", ["1e3"], "number"),
        ("wait", ["0x10"], "number"),
        ("wait", ["1,2,3"], "number"),
        ("wait", ["--1"], "number"),
        ("wait", ["1.234.5"], "number"),
        ("wait", ["9" * 400], "number"),
        ("wait", ["NaN"], "number"),
        ("wait", ["3.141"], "decimals"),
        ("wait", ["1", "2"], "type"),
        ("day", ["03/02/2026"], "date"),
        ("day", ["2026-02-30"], "date"),
        ("day", ["2026-02/03"], "date"),
    ],
)
def test_what_a_form_does_not_hold(key: str, strings: list[str], expected: str) -> None:
    assert reason(from_form(key, *strings)) == expected


@pytest.mark.parametrize("key", NEW)
def test_an_empty_field_is_no_answer(key: str) -> None:
    assert from_form(key) is None and from_form(key, "") is None


@pytest.mark.parametrize(("key", "value"), [("feel", []), ("some", []), ("day", ""), ("wait", "")])
def test_an_answer_can_be_taken_back(key: str, value: object) -> None:
    assert from_json(key, value) is None


@pytest.mark.parametrize("key", NEW)
def test_hostile_strings_are_refused_and_break_nothing(key: str) -> None:
    asked = question(key)
    for string in hostile.strings():
        typed = TYPES[asked.type].parse_form(asked, [string])
        looks_right = set(unicodedata.normalize("NFKC", string)) <= set("0123456789-.,' ")
        assert looks_right or not isinstance(typed, Answer), string
        for value in (string, [string], {string: 1}, {"expected": string, "perceived": 1}):
            assert not isinstance(TYPES[asked.type].parse_json(asked, value), Answer), value


@given(st.floats(-5, 1500.5) | st.integers(-5, 1500))
def test_every_number_comes_back_as_it_was(number: float) -> None:
    number = round(number, 2)
    found = from_json("wait", number)
    assert isinstance(found, Answer) and found.number == number
    for spelled in (f"{number:.2f}", f"{number:.2f}".replace(".", ","), f"{number:,.2f}"):
        assert from_form("wait", spelled) == found


@pytest.mark.parametrize(
    ("typed", "decimals", "expected"),
    [
        ("1.500", 0, 1500),
        ("1,500", 0, 1500),
        ("1,500", 2, 1.5),
        ("1.5", 2, 1.5),
        ("0,500", 2, 0.5),
        ("1,500.00", 2, 1500),
    ],
)
def test_one_mark_before_three_digits_groups_only_whole_numbers(typed: str, decimals: int, expected: float) -> None:
    assert from_form("wait", typed, decimals=decimals) == Answer(number=expected)


def test_whole_numbers_only_unless_the_author_allows_more() -> None:
    assert reason(from_json("wait", 2.5, decimals=0)) == "decimals"
    assert from_json("wait", 2.0, decimals=0) == Answer(number=2)


def test_today_is_whatever_day_it_is_for_the_customer() -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC)
    survey = parse_definition(definition(day={"earliest": "today", "latest": "today"}))
    for day, is_taken in {"2026-03-09": False, "2026-03-10": True, "2026-03-11": True, "2026-03-12": False}.items():
        answers, refused = validate_answers(with_today(survey, noon), {"day": day}, complete=True)
        assert (answers != {}) is is_taken is (refused == []), day
    assert with_today(SURVEY, noon) is SURVEY


def test_the_scores() -> None:
    answers, refused = validate_answers(SURVEY, {"ces": 2, "feel": [2, 6], "nps": 9}, complete=True)
    assert refused == []
    assert scores(SURVEY, answers) == {"nps": 9, "csat": None, "ces": 2, "emotion": 0b100010}


def test_a_link_of_a_mail_preselects_effort_and_a_feeling() -> None:
    assert preselected(SURVEY, "ces:2") == {"ces": Answer(number=2)}
    assert preselected(SURVEY, "feel:14") == {"feel": Answer(number=1 << 13)}
    for nonsense in ("ces:8", "feel:1", "feel:", "hoped:3", "hoped:expected:3", "day:x", "some:gone"):
        assert preselected(SURVEY, nonsense) == {}, nonsense


def test_feelings_stand_in_another_order_for_everybody_and_in_the_same_for_one() -> None:
    asked = question("feel", emotions=None)
    orders = [emotions_in_order(asked, f"token-{number}") for number in range(50)]
    assert len({tuple(order) for order in orders}) == 50
    assert all(sorted(order) == list(range(1, 21)) for order in orders)
    assert list(range(1, 21)) not in orders
    assert emotions_in_order(asked, "token-7") == orders[7]


def test_the_words_in_both_languages(app: Flask) -> None:
    said = {
        "feel": (Answer(number=0b100010), "anger · worry", "愤怒 · 担心"),
        "hoped": (Answer(text='{"expected":6,"perceived":3}'), "expected 6 of 7, got 3 of 7", "期望 6 / 7，实际 3 / 7"),
        "some": (Answer(text='["late","gone"]'), "Late · gone", "late · gone"),
        "wait": (Answer(number=1234.5), "1,234.5 days", "1,234.5 days"),
        "day": (Answer(text="2026-02-03"), "3 February 2026", "2026年2月3日"),
    }
    for key, (answer, english, chinese) in said.items():
        for locale, expected in (("en", english), ("zh-Hans", chinese)):
            with app.test_request_context(), force_locale(locale.replace("-", "_")):
                assert TYPES[question(key).type].display(question(key), answer, locale, "en") == expected


# --- definitions ---


@pytest.mark.parametrize(
    ("key", "fields", "pointer"),
    [
        ("feel", {"emotions": [2]}, "/emotions"),
        ("feel", {"emotions": []}, "/emotions"),
        ("feel", {"emotions": [2, 2]}, "/emotions"),
        ("feel", {"emotions": [2, 21]}, "/emotions/1"),
        ("feel", {"emotions": [0, 2]}, "/emotions/0"),
        ("feel", {"emotions": [2, True]}, "/emotions/1"),
        ("feel", {"emotions": "all"}, "/emotions"),
        ("some", {"min": 0}, "/min"),
        ("some", {"min": 3}, "/min"),
        ("some", {"max": 4}, "/max"),
        ("some", {"max": "2"}, "/max"),
        ("some", {"options": OPTIONS[:1]}, "/options"),
        ("some", {"options": [OPTIONS[0], OPTIONS[0]]}, "/options/1/key"),
        ("wait", {"min": 10, "max": 9}, "/max"),
        ("wait", {"max": 1e10}, "/max"),
        ("wait", {"min": float("nan")}, "/min"),
        ("wait", {"max": float("inf")}, "/max"),
        ("wait", {"min": True}, "/min"),
        ("wait", {"min": "1"}, "/min"),
        ("wait", {"decimals": 7}, "/decimals"),
        ("wait", {"unit": {"pt": "dias"}}, "/unit"),
        ("day", {"earliest": "2026-02-30"}, "/earliest"),
        ("day", {"earliest": "1.2.2026"}, "/earliest"),
        ("day", {"latest": "1800-01-01"}, "/latest"),
        ("day", {"latest": "Today"}, "/latest"),
        ("day", {"earliest": "2026-02-02", "latest": "2026-02-01"}, "/latest"),
        ("hoped", {"score": False}, "/score"),
        ("ces", {"labels": {}}, "/labels"),
    ],
)
def test_what_no_definition_holds(key: str, fields: dict[str, Any], pointer: str) -> None:
    assert faults(key, **fields) == [pointer]


@pytest.mark.parametrize("type_", ["ces", "emotion"])
def test_one_question_of_a_metric_scores(type_: str) -> None:
    raw = definition()
    raw["questions"].append({"key": "again", "type": type_, "text": {"en": "Again?"}})
    with pytest.raises(Invalid) as refused:
        parse_definition(raw)
    assert [fault.pointer for fault in refused.value.faults] == ["/questions/10/score"]
    raw["questions"][-1]["score"] = False
    assert parse_definition(raw).questions[-1].is_scoring is False


def test_a_definition_is_frozen_as_it_was_written() -> None:
    frozen = canonical_json(normal_definition(definition()))
    assert '"emotions":[2,6,11,14,20],"key":"feel"' in frozen
    assert '"max":1500.5,"min":-5,' in frozen, "a whole bound stays whole"
    assert frozen.count('"score"') == frozen.count('"required"') == 0, "what was not said stays unsaid"
