"""The builder and the preview with questions of every type."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.surveys.design import queries
from app.surveys.design.models import Survey
from app.surveys.design.question_types import TYPES
from tests.cast import Cast
from tests.factories.surveys import make_survey, make_version
from tests.surveys.every_type import definition


@pytest.fixture
def published(cast: Cast) -> Cast:
    """A tenant with the survey `nps`, published once."""
    with cast.scope():
        make_version("nps")
    return cast


def find(cast: Cast) -> Survey:
    with cast.scope():
        return queries.get_survey_by_key("nps")


def based_on(cast: Cast) -> str:
    return find(cast).updated_at.isoformat()


def raw(cast: Cast, question: str) -> dict[str, Any]:
    return next(row for row in find(cast).draft["questions"] if row["key"] == question)


@pytest.fixture
def every_type(cast: Cast) -> Cast:
    """A tenant with a draft that has a question of each type."""
    with cast.scope():
        make_survey("nps", definition(wait={"show_if": {"in": [2, {"var": "feel"}]}}))
    return cast


def post_question(cast: Cast, key: str, **fields: Any) -> TestResponse:
    form = {"based_on": based_on(cast), "key": key, "text.en": "Changed?", **fields}
    return cast.client("alice").post(f"surveys/nps/questions/{key}", form)


def options() -> dict[str, str]:
    keys = ("late", "damaged", "dear")
    texts = {f"option.{n}.en": key.title() for n, key in enumerate(keys)}
    return texts | {f"option.{n}.key": key for n, key in enumerate(keys)}


@pytest.mark.parametrize(
    ("key", "fields", "kept"),
    [
        ("ces", {}, {}),
        ("hoped", {}, {}),
        ("feel", {"emotions": ["2", "20"]}, {"emotions": [2, 20]}),
        ("some", {**options(), "min": "1", "max": ""}, {"min": 1}),
        ("wait", {"min": "0", "max": "10,5", "decimals": "1", "unit.en": "hours"},
         {"min": 0, "max": 10.5, "decimals": 1, "unit": {"en": "hours"}}),
        ("day", {"earliest": "2025-01-01", "latest": "today"}, {"earliest": "2025-01-01", "latest": "today"}),
    ],
)  # fmt: skip
def test_each_type_is_edited(every_type: Cast, key: str, fields: dict[str, Any], kept: dict[str, Any]) -> None:
    alice = every_type.client("alice")
    assert alice.get(f"surveys/nps/questions/{key}").status_code == 200
    assert post_question(every_type, key, **fields).status_code == 303
    found = raw(every_type, key)
    assert found.items() >= kept.items() and found["text"] == {"en": "Changed?"}
    assert set(found) - {"key", "type", "text", "options"} == set(kept)
    assert f'name="{key}' in alice.get(f"surveys/nps/preview/page?heed.question={key}").text


@pytest.mark.parametrize(
    ("key", "fields", "field"),
    [
        ("feel", {"emotions": ["2"]}, "emotions"),
        ("feel", {}, "emotions"),
        ("some", {**options(), "min": "4"}, "min"),
        ("some", {**options(), "max": "many"}, "max"),
        ("wait", {"min": "9", "max": "8"}, "max"),
        ("wait", {"max": "nan"}, "max"),
        ("wait", {"max": "1e999"}, "max"),
        ("wait", {"decimals": "7"}, "decimals"),
        ("day", {"earliest": "soon"}, "earliest"),
        ("day", {"latest": "2025-02-30"}, "latest"),
    ],
)
def test_what_is_wrong_stands_at_its_field(every_type: Cast, key: str, fields: dict[str, Any], field: str) -> None:
    refused = post_question(every_type, key, **fields)
    assert refused.status_code == 422
    assert f'<a href="#{field}">' in refused.text and f'id="{field}"' in refused.text
    assert raw(every_type, key)["text"] != {"en": "Changed?"}


@pytest.mark.parametrize(
    ("question", "operator", "value", "rule"),
    [
        ("feel", "has", {"when.value": "2"}, {"in": [2, {"var": "feel"}]}),
        ("some", "has", {"when.value": "late"}, {"in": ["late", {"var": "some"}]}),
        ("hoped.perceived", "<=", {"when.value": "3"}, {"<=": [{"var": "hoped.perceived"}, 3]}),
        ("wait", ">=", {"when.other": "2.5"}, {">=": [{"var": "wait"}, 2.5]}),
    ],
)
def test_conditions_on_the_new_types_are_sentences(
    every_type: Cast, question: str, operator: str, value: dict[str, str], rule: object
) -> None:
    saved = post_question(every_type, "day", **{"when.question": question, "when.operator": operator, **value})
    assert saved.status_code == 303
    assert raw(every_type, "day")["show_if"] == rule
    page = every_type.client("alice").get("surveys/nps/questions/day").text
    assert f'<option value="{question}" selected>' in page
    [given] = value.values()
    assert f'<option value="{given}" selected>' in page or f'value="{given}">' in page


@pytest.mark.parametrize("type_", sorted(TYPES))
def test_a_question_of_any_type_is_added_and_shown(published: Cast, type_: str) -> None:
    alice = published.client("alice")
    added = alice.post("surveys/nps/questions", {"based_on": based_on(published), "type": type_})
    assert added.status_code == 303
    page = alice.get(added.headers["Location"].partition(f"/t/{published.slug}/")[2])
    assert page.status_code == 200


def test_the_preview_follows_an_expectation(every_type: Cast) -> None:
    with every_type.scope():
        less = {"<": [{"var": "hoped.perceived"}, {"var": "hoped.expected"}]}
        make_survey("gap", definition(day={"show_if": less}))
    bob = every_type.client("bob")

    def is_hidden(query: str) -> bool:
        page = bob.get(f"surveys/gap/preview/page{query}").text
        tag = page[page.index('<fieldset data-question="day"') :]
        return " hidden" in tag[: tag.index(">", tag.index("data-show-if"))]

    assert is_hidden("") and is_hidden("?hoped.expected=3&hoped.perceived=6") and is_hidden("?hoped.expected=3")
    assert not is_hidden("?hoped.expected=6&hoped.perceived=3")
