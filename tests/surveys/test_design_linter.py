"""The linter, and what a follow-up survey must ask."""

from __future__ import annotations

from typing import Any

import pytest

from app.surveys.design.changes import Change, changes
from app.surveys.design.grammar import parse_definition
from app.surveys.design.linter import findings
from tests.factories.surveys import csat_definition, nps_definition
from tests.surveys.every_type import definition


def texts(count: int, **fields: Any) -> dict[str, Any]:
    questions = [{"key": f"q{n}", "type": "text", "text": {"en": "Well?"}, **fields} for n in range(count)]
    return {"title": {"en": "Long"}, "default_locale": "en", "questions": questions}


def rules(kind: str, definition: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = findings(kind, parse_definition(definition))
    return [(finding.rule, finding.level, finding.pointer) for finding in found]


def test_a_sound_survey_has_no_findings() -> None:
    assert rules("transactional", nps_definition()) == []
    assert rules("transactional", csat_definition()) == []


@pytest.mark.parametrize(
    ("kind", "count", "expected"),
    [
        ("transactional", 5, None),
        ("transactional", 6, "warning"),
        ("transactional", 10, "warning"),
        ("transactional", 11, "error"),
        ("follow_up", 11, "error"),
        ("relationship", 15, None),
        ("relationship", 16, "warning"),
        ("relationship", 31, "error"),
        ("internal", 11, None),
    ],
)
def test_length_by_kind(kind: str, count: int, expected: str | None) -> None:
    assert [level for _rule, level, _at in rules(kind, texts(count))] == ([expected] if expected else [])


def test_a_required_open_question_is_a_burden() -> None:
    assert rules("transactional", texts(1, required=True)) == [("required_text", "warning", "/questions/0/required")]


def test_a_score_wants_a_why() -> None:
    definition = csat_definition()
    del definition["questions"][1]
    assert rules("transactional", definition) == [("no_why", "warning", "/questions")]


def test_changes_are_told_in_order() -> None:
    new = nps_definition(title={"en": "Other"})
    nps, why, late = new["questions"]
    why["required"] = True
    more = {"key": "more", "type": "text", "text": {"en": "More?"}}
    new["questions"] = [why, nps, more]
    assert late["key"] == "late"
    assert changes(nps_definition(), new) == [
        Change("text", "title"),
        Change("changed", "why", ("required",)),
        Change("added", "more"),
        Change("removed", "late"),
        Change("reordered"),
    ]
    assert changes(new, new) == []


def test_effort_is_asked_about_one_interaction() -> None:
    survey = parse_definition(definition())
    found = {finding.rule: finding for finding in findings("relationship", survey)}
    assert (found["effort_of_what"].level, found["effort_of_what"].question) == ("warning", "ces")
    assert not [finding for finding in findings("transactional", survey) if finding.rule == "effort_of_what"]
