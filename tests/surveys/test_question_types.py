"""Answers: what each question type takes from JSON and from a form, and what a whole set of answers means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Fault
from app.surveys.design.definition import Answer, Question, Survey
from app.surveys.design.grammar import parse_definition
from app.surveys.design.question_types import TYPES, type_of
from app.surveys.design.question_types.base import Refusal
from app.surveys.design.rules import comment, preselected, scores, validate_answers, validate_form
from tests import hostile

SURVEY: Survey = parse_definition(
    {
        "title": {"en": "Your delivery"},
        "default_locale": "en",
        "questions": [
            {"key": "nps", "type": "nps", "text": {"en": "Recommend?"}, "required": True},
            {"key": "sat", "type": "csat", "text": {"en": "Satisfied?"}},
            {"key": "why", "type": "text", "text": {"en": "Why?"}, "max_length": 10},
            {
                "key": "late",
                "type": "choice",
                "text": {"en": "What went wrong?"},
                "required": True,
                "options": [
                    {"key": "late", "text": {"en": "It came late", "pt": "Atrasou"}},
                    {"key": "damaged", "text": {"en": "It was damaged"}},
                ],
                "show_if": {"<=": [{"var": "nps"}, 6]},
            },
            {"key": "how", "type": "text", "text": {"en": "How?"}, "show_if": {"==": [{"var": "late"}, "damaged"]}},
            {"key": "nps2", "type": "nps", "text": {"en": "Again?"}, "score": False},
        ],
    }
)


def question(key: str) -> Question:
    found = SURVEY.find_question(key)
    assert found is not None
    return found


def from_json(key: str, value: object) -> Answer | Refusal | None:
    return type_of(question(key)).parse_json(question(key), value)


def from_form(key: str, *strings: str) -> Answer | Refusal | None:
    return type_of(question(key)).parse_form(question(key), strings)


def reason(given: Answer | Refusal | None) -> str:
    assert isinstance(given, Refusal), given
    return given.reason


def reasons(faults: list[Fault]) -> dict[str, str]:
    return {fault.pointer: getattr(fault, "reason", "") for fault in faults}


@pytest.mark.parametrize(("key", "low", "high"), [("nps", 0, 10), ("sat", 1, 5)])
def test_a_scale_takes_its_whole_numbers_and_no_other(key: str, low: int, high: int) -> None:
    for number in range(low, high + 1):
        assert from_json(key, number) == Answer(number=number)
        assert from_form(key, str(number)) == Answer(number=number)
    for number in (low - 1, high + 1, 10**30):
        assert reason(from_json(key, number)) == "range"
    assert reason(from_form(key, str(high + 1))) == "range"


@pytest.mark.parametrize("value", [True, False, 3.0, 3.5, "3", "", None, [3], {"value": 3}, float("nan")])
def test_nothing_is_converted_to_a_number(value: object) -> None:
    assert reason(from_json("nps", value)) == "type"


@pytest.mark.parametrize(
    "string", ["3.0", " 3", "3\n", "03", "+3", "-1", "٣", "３", "1e0", "0x3", "three", "1_0", "9999"]
)
def test_a_form_sends_plain_digits(string: str) -> None:
    assert reason(from_form("nps", string)) == "type"


@pytest.mark.parametrize("key", ["nps", "sat", "why", "late"])
def test_an_empty_field_is_unanswered(key: str) -> None:
    assert from_form(key) is None
    assert from_form(key, "") is None
    assert from_form(key, "", "") is None


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (11, "11"),
        (2.5, "2.5"),
        (999_999, "999999"),
        (1_000_000, "so large a number"),
        ("3", "a string"),
        ([3], "a list"),
        ({"value": 3}, "an object"),
    ],
)
def test_a_refusal_says_what_it_refuses(value: object, named: str) -> None:
    refusal = from_json("nps", value)
    assert isinstance(refusal, Refusal)
    assert refusal.detail == f"Must be a whole number from 0 to 10, not {named}."


def test_one_question_has_one_answer() -> None:
    assert from_form("nps", "3", "3") == Answer(number=3)
    assert reason(from_form("nps", "3", "4")) == "type"
    assert reason(from_form("why", "a", "b")) == "type"


def test_a_choice_takes_the_key_of_an_option() -> None:
    assert from_json("late", "damaged") == from_form("late", "damaged") == Answer(text="damaged")
    assert reason(from_json("late", "It was damaged")) == reason(from_form("late", "LATE")) == "option"
    for value in (0, True, None, ["late"], {"key": "late"}):
        assert reason(from_json("late", value)) == "type"


def test_a_text_is_kept_in_one_form() -> None:
    assert from_json("why", "Cafe\u0301\r\n") == from_form("why", "Cafe\u0301\r\n") == Answer(text="Café\n")


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u3000\u200b", " " * 50])
def test_a_text_in_which_nothing_can_be_read_is_unanswered(blank: str) -> None:
    assert from_json("why", blank) is None
    assert from_form("why", blank) is None


def test_a_text_has_its_limit_in_characters() -> None:
    assert from_json("why", "😀" * 10) == Answer(text="😀" * 10)
    assert reason(from_json("why", "a" * 11)) == reason(from_form("why", "a" * 11)) == "too_long"


@pytest.mark.parametrize("text", ["a\x00", "\x00", "\ud800", "a\udfff"])
def test_a_text_that_cannot_be_stored_is_refused(text: str) -> None:
    assert reason(from_json("why", text)) == reason(from_form("why", text)) == "characters"


@pytest.mark.parametrize("value", [1, True, None, ["Late"], {"en": "Late"}])
def test_a_text_is_a_string(value: object) -> None:
    assert reason(from_json("why", value)) == "type"


@pytest.mark.parametrize("key", [question.key for question in SURVEY.questions])
def test_hostile_strings_are_answers_or_refusals(key: str) -> None:
    for text in hostile.strings():
        for given_answer in (from_json(key, text), from_form(key, text)):
            if isinstance(given_answer, Answer):
                assert str(given_answer.value).encode(), text
                assert "\x00" not in str(given_answer.value), text
            elif given_answer is not None:
                assert given_answer.detail.encode(), text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=12),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=4), children, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(["nps", "sat", "why", "late", "how", "nps2", "x/y"]), json_values), st.booleans()
)
def test_any_json_gives_answers_that_are_good_again(answers: dict[str, Any], complete: bool) -> None:
    good, _ = validate_answers(SURVEY, answers, complete)
    again, faults = validate_answers(SURVEY, {key: answer.value for key, answer in good.items()}, complete=False)
    assert (again, faults) == (good, [])


@pytest.mark.parametrize("answers", [None, [], "nps", 3])
def test_answers_are_an_object(answers: object) -> None:
    good, faults = validate_answers(SURVEY, answers, complete=False)
    assert good == {}
    assert [fault.pointer for fault in faults] == ["/answers"]


def test_a_complete_response() -> None:
    good, faults = validate_answers(SURVEY, {"why": "Late", "nps": 3, "late": "late"}, complete=True)
    assert faults == []
    assert good == {"nps": Answer(number=3), "why": Answer(text="Late"), "late": Answer(text="late")}
    assert list(good) == ["nps", "why", "late"]


def test_what_is_required_and_shown_must_be_answered_in_the_end() -> None:
    assert validate_answers(SURVEY, {}, complete=False) == ({}, [])
    assert reasons(validate_answers(SURVEY, {}, complete=True)[1]) == {"/answers/nps": "required"}
    assert reasons(validate_answers(SURVEY, {"nps": 3}, complete=True)[1]) == {"/answers/late": "required"}
    assert validate_answers(SURVEY, {"nps": 9}, complete=True)[1] == []


def test_a_blank_text_does_not_answer_a_required_question() -> None:
    asked = parse_definition(
        {
            "title": {"en": "A"},
            "default_locale": "en",
            "questions": [{"key": "why", "type": "text", "text": {"en": "Why?"}, "required": True}],
        }
    )
    assert reasons(validate_answers(asked, {"why": "  "}, complete=True)[1]) == {"/answers/why": "required"}


def test_an_unknown_question_is_a_fault() -> None:
    _, faults = validate_answers(SURVEY, {"nps": 9, "x/y~": 1, "\ud800": 1}, complete=False)
    assert reasons(faults) == {"/answers/x~1y~0": "unknown", "/answers/?": "unknown"}


def test_bad_answers_are_named_and_good_ones_kept() -> None:
    good, faults = validate_answers(SURVEY, {"nps": 11, "sat": 4, "why": "a" * 11}, complete=False)
    assert good == {"sat": Answer(number=4)}
    assert reasons(faults) == {"/answers/nps": "range", "/answers/why": "too_long"}


def test_hidden_answers_are_dropped_good_or_bad() -> None:
    answers = {"nps": 9, "late": "damaged", "how": "Dropped"}
    assert validate_answers(SURVEY, answers, complete=True) == ({"nps": Answer(number=9)}, [])
    assert validate_answers(SURVEY, {**answers, "late": 17}, complete=True)[1] == []
    assert set(validate_answers(SURVEY, {**answers, "nps": 2}, complete=True)[0]) == {"nps", "late", "how"}


def test_a_form_means_the_same_as_json() -> None:
    fields = {"nps": ["3"], "why": ["Late"], "late": ["damaged"], "how": [""]}
    answers = {"nps": 3, "why": "Late", "late": "damaged"}
    assert validate_form(SURVEY, fields, complete=True) == validate_answers(SURVEY, answers, complete=True)
    assert reasons(validate_form(SURVEY, {"nps": ["eleven"]}, complete=True)[1]) == {"/answers/nps": "type"}


def test_scores_by_metric() -> None:
    none = {"nps": None, "csat": None, "ces": None, "emotion": None}
    good, _ = validate_answers(SURVEY, {"nps": 0, "nps2": 9}, complete=False)
    assert scores(SURVEY, good) == {**none, "nps": 0}
    assert scores(SURVEY, {"nps2": Answer(number=9), "sat": Answer(number=2)}) == {**none, "csat": 2}
    assert scores(SURVEY, {}) == none


def test_the_comment_is_the_first_open_answer() -> None:
    assert comment(SURVEY, {"how": Answer(text="Broken"), "why": Answer(text="Late")}) == "Late"
    assert comment(SURVEY, {"how": Answer(text="Broken"), "late": Answer(text="damaged")}) == "Broken"
    assert comment(SURVEY, {"nps": Answer(number=3), "late": Answer(text="late")}) is None


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("9", {"nps": Answer(number=9)}),
        ("sat:4", {"sat": Answer(number=4)}),
        ("late:damaged", {"late": Answer(text="damaged")}),
        ("11", {}),
        ("", {}),
        (":", {}),
        ("gone:1", {}),
        ("sat:9", {}),
        ("nps:", {}),
        ("<script>", {}),
    ],
)
def test_a_link_can_preselect(score: str, expected: dict[str, Answer]) -> None:
    assert preselected(SURVEY, score) == expected


def test_answers_in_words() -> None:
    late = question("late")
    assert type_of(late).display(late, Answer(text="late"), "pt-BR", "en") == "Atrasou"
    assert type_of(late).display(late, Answer(text="damaged"), "pt-BR", "en") == "It was damaged"
    assert type_of(late).display(late, Answer(text="gone"), "en", "en") == "gone"
    assert type_of(question("nps")).display(question("nps"), Answer(number=0), None, "en") == "0"


def test_an_answer_is_a_number_or_a_text() -> None:
    with pytest.raises(ValueError):
        Answer()
    with pytest.raises(ValueError):
        Answer(number=1, text="1")
    assert (Answer(number=0).value, Answer(text="0").value) == (0, "0")


def test_the_scales_are_those_of_the_metrics() -> None:
    assert {name: (type_.metric, type_.kind) for name, type_ in TYPES.items()} == {
        "nps": ("nps", "number"),
        "csat": ("csat", "number"),
        "ces": ("ces", "number"),
        "emotion": ("emotion", "list"),
        "expectation": (None, "pair"),
        "choice": (None, "text"),
        "multiple": (None, "list"),
        "text": (None, "text"),
        "number": (None, "number"),
        "date": (None, "date"),
    }
