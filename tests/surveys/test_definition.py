"""The grammar: definitions that are read, faults by pointer, the frozen text and the JSON Schema."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app.kernel.errors import Invalid
from app.surveys.design.grammar import (
    MAX_QUESTIONS,
    canonical_json,
    load_definition,
    normal_definition,
    parse_definition,
)
from app.surveys.design.schema import json_schema
from tests import hostile

CONTRACT: dict[str, Any] = json.loads("""
{"title": {"en": "Your delivery", "zh-Hans": "您的配送"}, "default_locale": "en",
 "questions": [
  {"key": "nps", "type": "nps",
   "text": {"en": "How likely is it that you would recommend Acme to a friend or colleague?",
            "zh-Hans": "您有多大可能向朋友或同事推荐 Acme？"},
   "required": true},
  {"key": "why", "type": "text",
   "text": {"en": "What is the main reason for your score?", "zh-Hans": "打这个分数的主要原因是什么？"}},
  {"key": "late", "type": "choice", "text": {"en": "What went wrong?"},
   "options": [{"key": "late", "text": {"en": "It came late"}}, {"key": "damaged", "text": {"en": "It was damaged"}}],
   "show_if": {"<=": [{"var": "nps"}, 6]}}]}
""")


def changed(path: str, value: object) -> dict[str, Any]:
    """The contract's definition with one place changed; `path` is a JSON pointer."""
    definition = copy.deepcopy(CONTRACT)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")[1:]]
    place: Any = definition
    for step in steps:
        place = place[step]
    place[last] = value
    return definition


def faults_of(definition: object) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        parse_definition(definition)
    return {fault.pointer: fault.detail for fault in refused.value.faults}


def question(key: str, type_: str = "nps", **more: object) -> dict[str, object]:
    return {"key": key, "type": type_, "text": {"en": "Well?"}, **more}


def survey(*questions: dict[str, object]) -> dict[str, object]:
    return {"title": {"en": "Short"}, "default_locale": "en", "questions": list(questions)}


def test_the_contracts_example_is_read() -> None:
    read = parse_definition(CONTRACT)
    assert [question.key for question in read.questions] == ["nps", "why", "late"]
    nps, why, late = read.questions
    assert (nps.is_required, nps.is_scoring) == (True, True)
    assert (why.is_required, why.is_scoring, why.max_length) == (False, False, 5000)
    assert [option.key for option in late.options] == ["late", "damaged"]
    assert late.show_if == {"<=": [{"var": "nps"}, 6]}
    assert read.locales == ("en", "zh-Hans")


def test_all_optional_fields() -> None:
    definition = survey(question("why", "text", help={"en": "In your own words."}, max_length=20, required=True))
    definition |= {"intro": {"en": "Hello"}, "thanks": {"en": "Thank you"}}
    read = parse_definition(definition)
    assert (read.intro, read.thanks) == ({"en": "Hello"}, {"en": "Thank you"})
    assert (read.questions[0].help, read.questions[0].max_length) == ({"en": "In your own words."}, 20)


def test_locales_get_their_one_spelling() -> None:
    read = parse_definition(changed("/title", {"EN": "Hi", "zh_CN": "您好", "pt_br": "Oi"}))
    assert dict(read.title) == {"en": "Hi", "zh-Hans": "您好", "pt-BR": "Oi"}
    assert parse_definition({**CONTRACT, "default_locale": "EN"}).default_locale == "en"


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("/colour", "red", "/colour"),
        ("/questions/0/options", [], "/questions/0/options"),
        ("/questions/1/score", False, "/questions/1/score"),
        ("/questions/0/max_length", 5, "/questions/0/max_length"),
        ("/questions/0/scale", 5, "/questions/0/scale"),
        ("/questions/2/options/0/colour", "red", "/questions/2/options/0/colour"),
        ("/questions/2/options/0/key", "Late!", "/questions/2/options/0/key"),
        ("/questions/2/options/0/key", "damaged", "/questions/2/options/1/key"),
        ("/questions/2/options", [{"key": "one", "text": {"en": "One"}}], "/questions/2/options"),
        ("/questions/2/options", {}, "/questions/2/options"),
        ("/questions/2/options/1", "damaged", "/questions/2/options/1"),
        ("/questions/2/options/1/text", {"zh-Hans": "坏"}, "/questions/2/options/1/text"),
        ("/questions/2/options/1/text", {"en": "x" * 201}, "/questions/2/options/1/text/en"),
        ("/questions/0/type", "slider", "/questions/0/type"),
        ("/questions/0/type", None, "/questions/0/type"),
        ("/questions/0/key", "", "/questions/0/key"),
        ("/questions/0/key", "a" * 65, "/questions/0/key"),
        ("/questions/0/key", "nps\n", "/questions/0/key"),
        ("/questions/0/key", "why", "/questions/1/key"),
        ("/questions/0/required", "yes", "/questions/0/required"),
        ("/questions/0/required", 1, "/questions/0/required"),
        ("/questions/0/text", "How likely?", "/questions/0/text"),
        ("/questions/0/text", {}, "/questions/0/text"),
        ("/questions/0/text/en", 7, "/questions/0/text/en"),
        ("/questions/0/text/en", "x" * 501, "/questions/0/text/en"),
        ("/questions/0/text/en", " \u200b", "/questions/0/text/en"),
        ("/questions/0/text/en", "a\x00b", "/questions/0/text/en"),
        ("/questions/0/text/en", "\ud800", "/questions/0/text/en"),
        ("/questions/0/help", {"en": "x" * 501}, "/questions/0/help/en"),
        ("/questions/1/max_length", 0, "/questions/1/max_length"),
        ("/questions/1/max_length", 20_001, "/questions/1/max_length"),
        ("/questions/1/max_length", 10.0, "/questions/1/max_length"),
        ("/questions/1/max_length", True, "/questions/1/max_length"),
        ("/questions/1", "why", "/questions/1"),
        ("/questions/2/show_if", "nps", "/questions/2/show_if"),
        ("/questions/2/show_if", {"<=": [{"var": "gone"}, 6]}, "/questions/2/show_if/<=/0"),
        ("/questions", [], "/questions"),
        ("/questions", {}, "/questions"),
        ("/title", {"en": "x" * 201}, "/title/en"),
        ("/title", {"klingon-speaker": "nuqneH", "en": "Hi"}, "/title/klingon-speaker"),
        ("/title", {"zh-CN": "您好", "zh-Hans": "您好", "en": "Hi"}, "/title"),
        ("/title", {"zh-Hans": "您好"}, "/title"),
        ("/intro", {"zh-Hans": "您好"}, "/intro"),
        ("/thanks", {"en": ""}, "/thanks/en"),
        ("/default_locale", "english please", "/default_locale"),
        ("/default_locale", None, "/default_locale"),
        ("/default_locale", "fr", "/title"),
        ("/a~b", 1, "/a~0b"),
    ],
)
def test_each_fault_is_named_by_pointer(path: str, value: object, pointer: str) -> None:
    faults = faults_of(changed(path, value))
    assert pointer in faults, faults
    assert all(detail[0].isupper() or detail[0] == '"' for detail in faults.values()), faults
    assert all(detail.endswith((".", "}.")) for detail in faults.values()), faults


@pytest.mark.parametrize("field", ["title", "default_locale", "questions"])
def test_required_fields(field: str) -> None:
    definition = {key: value for key, value in CONTRACT.items() if key != field}
    assert faults_of(definition) == {f"/{field}": "This field is required."}


@pytest.mark.parametrize("field", ["key", "type", "text"])
def test_required_fields_of_a_question(field: str) -> None:
    definition = copy.deepcopy(CONTRACT)
    del definition["questions"][1][field]
    assert f"/questions/1/{field}" in faults_of(definition)


def test_a_field_name_with_a_slash_is_escaped() -> None:
    assert "/in~1out" in faults_of({**CONTRACT, "in/out": 1})


@pytest.mark.parametrize("raw", [None, [], "{}", 3, {"\ud800": 1}])
def test_what_is_no_definition_at_all(raw: object) -> None:
    assert faults_of(raw)


def test_all_faults_come_at_once() -> None:
    definition = changed("/questions/0/required", "yes")
    definition["colour"] = "red"
    assert set(faults_of(definition)) == {"/questions/0/required", "/colour"}


def test_one_question_of_each_metric_scores() -> None:
    both = survey(question("a"), question("b"), question("c", "csat"))
    assert set(faults_of(both)) == {"/questions/1/score"}
    read = parse_definition(survey(question("a", score=False), question("b"), question("c", "csat")))
    assert [question.is_scoring for question in read.questions] == [False, True, True]


def test_as_many_questions_and_options_as_the_limits_say() -> None:
    assert len(parse_definition(survey(*(question(f"q{n}", "text") for n in range(MAX_QUESTIONS)))).questions) == 50
    assert "/questions" in faults_of(survey(*(question(f"q{n}", "text") for n in range(MAX_QUESTIONS + 1))))
    options = [{"key": f"o{n}", "text": {"en": "One"}} for n in range(101)]
    assert parse_definition(survey(question("c", "choice", options=options[:100])))
    assert "/questions/0/options" in faults_of(survey(question("c", "choice", options=options)))


@pytest.mark.parametrize("path", ["/title", "/questions/0/text"])
def test_a_text_has_at_most_100_locales(path: str) -> None:
    texts = {"en": "Hi"} | {f"en-{number:03}": "Hi" for number in range(100)}
    assert path in faults_of(changed(path, texts))
    del texts["en-000"]
    assert parse_definition(changed(path, texts))


def test_the_most_and_the_least_that_a_text_answer_may_be_limited_to() -> None:
    for limit in (1, 20_000):
        assert parse_definition(changed("/questions/1/max_length", limit)).questions[1].max_length == limit


def test_a_made_up_field_name_is_cut_short_in_the_pointer() -> None:
    assert set(faults_of({**CONTRACT, "x" * 1000: 1})) == {"/" + "x" * 64}


def test_the_stored_spelling_is_normal_and_adds_nothing() -> None:
    assert normal_definition(CONTRACT) == CONTRACT
    odd = changed("/title", {"EN": "Cafe\u0301\r\n", "zh_CN": "您好"})
    normal = normal_definition(odd)
    assert normal["title"] == {"en": "Café\n", "zh-Hans": "您好"}
    assert normal_definition(normal) == normal
    assert parse_definition(normal) == parse_definition(odd)


def test_texts_are_kept_in_nfc() -> None:
    assert parse_definition(changed("/title", {"en": "Cafe\u0301"})).title["en"] == "Café"


def test_hostile_texts_are_taken_whole_or_refused() -> None:
    for text in hostile.strings():
        try:
            read = parse_definition(changed("/questions/0/text", {"en": text}))
        except Invalid as refused:
            assert {fault.pointer for fault in refused.faults} == {"/questions/0/text/en"}, text
        else:
            assert read.questions[0].text["en"].encode(), text


def test_the_frozen_text_is_canonical_and_reads_back() -> None:
    frozen = canonical_json(CONTRACT)
    shuffled = dict(reversed(CONTRACT.items()))
    assert canonical_json(shuffled) == frozen
    assert json.loads(frozen) == CONTRACT
    assert "您的配送" in frozen
    assert frozen.startswith('{"default_locale":"en","questions":[{"key":"nps","required":true,"text":{"en":')
    assert load_definition(frozen) == parse_definition(CONTRACT)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=12,
)
paths = st.sampled_from(
    ["/title", "/title/en", "/default_locale", "/questions", "/questions/0", "/questions/0/key", "/questions/0/type"]
    + ["/questions/1/text", "/questions/1/max_length", "/questions/2/options", "/questions/2/options/0"]
    + ["/questions/2/show_if", "/questions/0/score", "/extra"]
)


@given(paths, json_values)
def test_any_json_is_read_or_refused_with_pointers_and_frozen_only_when_read(path: str, value: object) -> None:
    definition = changed(path, value)
    try:
        parse_definition(definition)
    except Invalid as refused:
        assert refused.faults
        assert all(fault.pointer == "" or fault.pointer.startswith("/") for fault in refused.faults)
    else:
        assert json.loads(canonical_json(definition).encode()) == definition


@given(paths, json_values)
def test_what_is_read_satisfies_the_schema(path: str, value: object) -> None:
    definition = changed(path, value)
    try:
        parse_definition(definition)
    except Invalid:
        return
    assert VALIDATOR.is_valid(definition), list(VALIDATOR.iter_errors(definition))


VALIDATOR = Draft202012Validator(json_schema())


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert json_schema()["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize(
    "condition",
    [
        {"<=": [{"var": "nps"}, 6]},
        {"and": [{"var": "why"}]},
        {"or": [{"var": "why"}]},
        {"in": [{"var": "nps"}, []]},
        {"<": [2, {"var": ["nps"]}, 7]},
        {"and": [{"!=": [{"var": "nps"}, None]}, {"!": {"in": [{"var": "nps"}, [0, 1]]}}]},
        {"or": [{"!!": [{"var": "why"}]}, {"var": "why"}, {"===": [{"var": "why"}, "x"]}]},
    ],
)
def test_the_schema_takes_what_the_grammar_takes(condition: object) -> None:
    definition = changed("/questions/2/show_if", condition)
    parse_definition(definition)
    assert VALIDATOR.is_valid(definition)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/extra", 1),
        ("/questions", []),
        ("/questions/0/type", "slider"),
        ("/questions/0/key", "No!"),
        ("/questions/0/options", []),
        ("/questions/0/text/en", "x" * 501),
        ("/questions/1/max_length", 20_001),
        ("/questions/2/options", []),
        ("/questions/2/show_if", {"cat": ["a"]}),
        ("/questions/2/show_if", {"<=": [{"var": "nps"}]}),
        ("/questions/2/show_if", {"<=": [{"var": "nps"}, 6], "and": []}),
        ("/questions/2/show_if", {}),
        ("/questions/2/show_if", {"and": [{"var": "why"}], "or": [{"var": "why"}]}),
        ("/questions/2/show_if", {"and": []}),
        ("/questions/2/show_if", {"or": []}),
        ("/questions/2/show_if", {"!": []}),
        ("/questions/2/show_if", {"!": [{"var": "why"}, {"var": "why"}]}),
        ("/questions/2/show_if", {"==": [{"var": "nps"}]}),
        ("/questions/2/show_if", {"==": [1, {"var": "nps"}, 2]}),
        ("/questions/2/show_if", {"<": [1, {"var": "nps"}, 2, 3]}),
        ("/questions/2/show_if", {"in": [{"var": "nps"}]}),
        ("/questions/2/show_if", {"in": [{"var": "nps"}, [1], 2]}),
        ("/questions/2/show_if", {"in": [{"var": "nps"}, [None]]}),
        ("/questions/2/show_if", {"var": []}),
        ("/questions/2/show_if", {"var": ["nps", 0]}),
    ],
)
def test_the_schema_refuses_what_the_grammar_refuses(path: str, value: object) -> None:
    definition = changed(path, value)
    assert faults_of(definition)
    assert not VALIDATOR.is_valid(definition)
