"""Conditions: what may be written, and which questions a set of answers shows."""

from __future__ import annotations

import json
import logging
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.surveys.design.definition import Answer, Option, Question, Survey
from app.surveys.design.logic import MAX_LEVELS, MAX_PARTS, check_condition, guarded, visible_questions

NPS = Question("nps", "nps", {"en": "Recommend?"}, is_scoring=True)
SAT = Question("sat", "csat", {"en": "Satisfied?"})
WHY = Question("why", "text", {"en": "Why?"}, max_length=100)
OPTIONS = (Option("late", {"en": "Late"}), Option("damaged", {"en": "Damaged"}))
ISSUE = Question("issue", "choice", {"en": "What?"}, options=OPTIONS)
EARLIER = (NPS, SAT, WHY, ISSUE)

nps, sat, why, issue = ({"var": key} for key in ("nps", "sat", "why", "issue"))


def shows(rule: dict[str, Any], **answers: int | str) -> bool:
    assert check_condition(rule, EARLIER) == []
    last = Question("last", "text", {"en": "Last?"}, show_if=rule, condition=guarded(rule))
    given_answers = {key: Answer(number=v) if isinstance(v, int) else Answer(text=v) for key, v in answers.items()}
    return "last" in visible_questions(Survey({"en": "S"}, "en", (*EARLIER, last)), given_answers)


def pointers(rule: object) -> list[str]:
    return [fault.pointer for fault in check_condition(rule, EARLIER)]


@pytest.mark.parametrize(
    ("rule", "answers", "expected"),
    [
        ({"<=": [nps, 6]}, {"nps": 6}, True),
        ({"<=": [nps, 6]}, {"nps": 7}, False),
        ({"<": [nps, 6.5]}, {"nps": 6}, True),
        ({">": [6, nps]}, {"nps": 6}, False),
        ({">=": [nps, 9]}, {"nps": 10}, True),
        ({"<=": [7, nps, 8]}, {"nps": 8}, True),
        ({"<": [7, nps, 8]}, {"nps": 8}, False),
        ({"==": [nps, 0]}, {"nps": 0}, True),
        ({"==": [nps, sat]}, {"nps": 3, "sat": 3}, True),
        ({"!=": [issue, "late"]}, {"issue": "damaged"}, True),
        ({"===": [why, "Late"]}, {"why": "Late"}, True),
        ({"!==": [why, "1"]}, {"why": "01"}, True),
        ({"in": [issue, ["late", "damaged"]]}, {"issue": "late"}, True),
        ({"in": [nps, [0, 1]]}, {"nps": 2}, False),
        ({"and": [{"<=": [nps, 6]}, {"==": [issue, "late"]}]}, {"nps": 3, "issue": "late"}, True),
        ({"or": [{"<=": [nps, 6]}, {"==": [issue, "late"]}]}, {"nps": 9, "issue": "late"}, True),
        ({"!": {"<=": [nps, 6]}}, {"nps": 9}, True),
        ({"!": [{"<=": [nps, 6]}]}, {"nps": 3}, False),
        ({"!!": [why]}, {"why": "0"}, True),
        (why, {"why": "[]"}, True),
        ({"var": ["issue"]}, {"issue": "late"}, True),
        ({"and": [why, sat]}, {"why": "x", "sat": 1}, True),
    ],
)
def test_conditions_on_answers(rule: dict[str, Any], answers: dict[str, Any], expected: bool) -> None:
    assert shows(rule, **answers) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"<=": [nps, 6]}, False),
        ({">=": [nps, 0]}, False),
        ({"<": [-1, nps, 11]}, False),
        ({">": [11, nps]}, False),
        ({"==": [nps, 0]}, False),
        ({"==": [nps, None]}, True),
        ({"!=": [nps, None]}, False),
        ({"!=": [issue, "late"]}, True),
        ({"in": [issue, ["late"]]}, False),
        ({"!!": [why]}, False),
        ({"!": [why]}, True),
        (sat, False),
        ({"!": {"<=": [nps, 6]}}, True),
        ({"or": [{"<=": [nps, 6]}, {"==": [issue, None]}]}, True),
    ],
)
def test_unanswered_is_absent(rule: dict[str, Any], expected: bool) -> None:
    assert shows(rule) is expected


def test_null_tells_a_nought_from_no_answer() -> None:
    assert shows({"==": [nps, None]}, nps=0) is False
    assert shows({"!=": [nps, None]}, nps=0) is True


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        ({}, ""),
        ({"<=": [nps, 6], ">": [nps, 1]}, ""),
        (True, ""),
        ([], ""),
        ({"var": "gone"}, ""),
        ({"var": ""}, ""),
        ({"var": 0}, ""),
        ({"var": ["nps", 0]}, ""),
        (nps, ""),
        ({"!": [nps]}, "/!/0"),
        ({"!": nps}, "/!"),
        ({"!": []}, "/!"),
        ({"!": [why, why]}, "/!"),
        ({"and": []}, "/and"),
        ({"and": {"<=": [nps, 6]}}, "/and"),
        ({"and": [why, 3]}, "/and/1"),
        ({"or": [{"<=": [nps, "6"]}]}, "/or/0/<=/1"),
        ({"<=": [nps]}, "/<="),
        ({"<=": nps}, "/<="),
        ({">": [1, nps, 3]}, "/>"),
        ({"==": [1, nps, 3]}, "/=="),
        ({"<=": [1, 2]}, "/<="),
        ({"<=": [{"var": "gone"}, 6]}, "/<=/0"),
        ({"<=": [6, {"+": [1, 2]}]}, "/<=/1"),
        ({"<=": [nps, None]}, "/<=/1"),
        ({"<=": [nps, True]}, "/<=/1"),
        ({"<=": [nps, [6]]}, "/<=/1"),
        ({"<=": [nps, float("nan")]}, "/<=/1"),
        ({"<=": [nps, float("inf")]}, "/<=/1"),
        ({"<=": [nps, 10**400]}, "/<=/1"),
        ({"<=": [why, "a"]}, "/<=/0"),
        ({"<=": [issue, nps]}, "/<=/0"),
        ({"==": [nps, issue]}, "/==/1"),
        ({"==": [nps, "3"]}, "/==/1"),
        ({"==": [nps, 11]}, "/==/1"),
        ({"==": [sat, 0]}, "/==/1"),
        ({"==": [nps, 6.5]}, "/==/1"),
        ({"==": [issue, "gone"]}, "/==/1"),
        ({"==": [issue, 1]}, "/==/1"),
        ({"==": [why, "\ud800"]}, "/==/1"),
        ({"==": [why, "e\u0301"]}, "/==/1"),
        ({"in": [issue, "late"]}, "/in/1"),
        ({"in": ["late", issue]}, "/in/1"),
        ({"in": [issue, ["late", "gone"]]}, "/in/1/1"),
        ({"in": [nps, [None]]}, "/in/1/0"),
        ({"in": ["late", ["late"]]}, "/in/0"),
        ({"cat": ["a"]}, "/cat"),
        ({"now": []}, "/now"),
        ({"a/b": []}, "/a~1b"),
    ],
)
def test_what_is_not_well_typed_is_refused(rule: object, pointer: str) -> None:
    assert pointer in pointers(rule)


def test_only_earlier_questions_can_be_named() -> None:
    assert check_condition({"<=": [nps, 6]}, (SAT,))[0].pointer == "/<=/0"


def test_a_condition_has_a_size() -> None:
    deep: dict[str, Any] = why
    for _ in range(50_000):
        deep = {"!": deep}
    assert pointers(deep) == [""]


def test_the_size_of_a_condition_is_that_of_its_json() -> None:
    def nested(levels: int) -> dict[str, Any]:
        rule: dict[str, Any] = why  # Two levels: the object and the name in it.
        for _ in range(levels - 2):
            rule = {"!": rule}
        return rule

    assert pointers(nested(MAX_LEVELS)) == []
    assert pointers(nested(MAX_LEVELS + 1)) == [""]
    # The object and its list are two parts, each var another two.
    members = (MAX_PARTS - 2) // 2
    assert pointers({"or": [why] * members}) == []
    assert pointers({"or": [why] * (members + 1)}) == [""]


def test_numbers_in_conditions_are_of_ordinary_size() -> None:
    assert pointers({"<=": [nps, 1_000_000_000]}) == []
    assert pointers({"<=": [nps, 1_000_000_001]}) == ["/<=/1"]


def test_a_refused_comparison_says_how_many_values_it_takes() -> None:
    assert check_condition({"<=": [nps]}, EARLIER)[0].detail == "<= compares two or three values in a list."
    assert check_condition({"==": [nps]}, EARLIER)[0].detail == "== compares two values in a list."


@pytest.mark.parametrize("operator", ["==", "!=", "===", "!==", "<", "<=", ">", ">="])
def test_every_comparison_takes_two_values_and_only_some_three(operator: str) -> None:
    at = [f"/{operator}"]
    assert pointers({operator: [nps, 6]}) == []
    assert pointers({operator: [nps]}) == at
    assert pointers({operator: [1, nps, 6]}) == ([] if operator in ("<", "<=") else at)
    assert pointers({operator: [1, nps, 6, 7]}) == at
    assert pointers({operator: [1, 2]}) == at
    assert pointers({operator: [{"var": "gone"}, 6]}) == [f"/{operator}/0"]


def test_a_hidden_answer_counts_as_absent() -> None:
    rule = {"<=": [nps, 6]}
    second = Question("issue", "choice", {"en": "What?"}, options=OPTIONS, condition=guarded(rule))
    third = Question("how", "text", {"en": "How?"}, condition=guarded({"==": [issue, "late"]}))
    survey = Survey({"en": "S"}, "en", (NPS, second, third))
    answers = {"nps": Answer(number=9), "issue": Answer(text="late"), "how": Answer(text="So")}
    assert visible_questions(survey, answers) == ("nps",)
    assert visible_questions(survey, {**answers, "nps": Answer(number=2)}) == ("nps", "issue", "how")


def test_a_condition_that_fails_is_not_met_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    broken = Question("last", "text", {"en": "Last?"}, condition={"throw": "broken"})
    with caplog.at_level(logging.WARNING):
        assert visible_questions(Survey({"en": "S"}, "en", (NPS, broken)), {}) == ("nps",)
    assert "last" in caplog.text


# What a condition means, said once more in plain Python, to compare the engine with.
_ORDERS: dict[str, Any] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def meaning(rule: dict[str, Any], answers: dict[str, Any]) -> bool:
    [(operator, arguments)] = rule.items()
    if operator == "var":
        return arguments in answers
    if operator in ("and", "or"):
        return (all if operator == "and" else any)(meaning(argument, answers) for argument in arguments)
    if operator == "!":
        return not meaning(arguments[0], answers)
    values: list[Any] = [answers.get(value["var"]) if isinstance(value, dict) else value for value in arguments]
    if operator == "in":
        return values[0] is not None and values[0] in values[1]
    if operator in ("==", "!="):
        return (values[0] == values[1]) is (operator == "==")
    return None not in values and all(_ORDERS[operator](a, b) for a, b in pairwise(values))


scale = st.sampled_from([nps, sat]) | st.integers(1, 5)
comparisons = st.one_of(
    st.builds(lambda op, a, b: {op: [a, b]}, st.sampled_from(sorted(_ORDERS)), st.sampled_from([nps, sat]), scale),
    st.builds(lambda op, a, b, c: {op: [a, b, c]}, st.sampled_from(["<", "<="]), scale, st.just(nps), scale),
    st.builds(lambda op, b: {op: [nps, b]}, st.sampled_from(["==", "!="]), st.none() | st.integers(0, 10)),
    st.builds(lambda op, b: {op: [issue, b]}, st.sampled_from(["==", "!="]), st.sampled_from([None, "late", why])),
    st.builds(lambda keys: {"in": [issue, keys]}, st.lists(st.sampled_from(["late", "damaged"]), max_size=2)),
    st.builds(lambda numbers: {"in": [nps, numbers]}, st.lists(st.integers(0, 10), max_size=3)),
    st.sampled_from([why, issue, sat]),
)
rules = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds(
            lambda op, parts: {op: parts}, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)
        ),
        st.builds(lambda part: {"!": [part]}, inner),
    ),
    max_leaves=6,
)
answer_sets = st.fixed_dictionaries(
    {},
    optional={
        "nps": st.integers(0, 10),
        "sat": st.integers(1, 5),
        "why": st.sampled_from(["Late", "0", "late", "[]", "null"]),
        "issue": st.sampled_from(["late", "damaged"]),
    },
)


@given(rules, answer_sets)
def test_the_engine_agrees_with_the_meaning(rule: dict[str, Any], answers: dict[str, Any]) -> None:
    assert shows(rule, **answers) is meaning(rule, answers)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["var", "and", "!", "==", "<=", "in", "or", "if", "map"]), children, max_size=2
        )
    ),
    max_leaves=10,
)


@given(json_values, answer_sets)
def test_any_json_is_refused_or_can_be_evaluated(rule: Any, answers: dict[str, Any]) -> None:
    if not check_condition(rule, EARLIER):
        assert shows(rule, **answers) in (True, False)
        json.dumps(guarded(rule)).encode()
