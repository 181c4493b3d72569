"""Surveys by API: drafts, publications and frozen versions."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cast import ApiClient, Cast
from tests.factories.surveys import csat_definition, nps_definition
from tests.surveys.every_type import definition


def body(**fields: Any) -> dict[str, Any]:
    return {"name": "Delivery", "definition": nps_definition(), **fields}


def test_a_draft_is_put_and_read(cast: Cast) -> None:
    made = cast.api().put("surveys/nps", body())
    assert made.status_code == 201
    expected = {"key": "nps", "name": "Delivery", "kind": "transactional", "anonymous": False, "open_link": False}
    assert made.json.items() >= {**expected, "version": None, "draft_differs": True}.items()
    assert made.json["definition"] == nps_definition()
    changed = cast.api().put("surveys/nps", body(kind="relationship", anonymous=True, open_link=True))
    assert (changed.status_code, changed.json["kind"], changed.json["open_link"]) == (200, "relationship", True)
    assert cast.api().get("surveys/nps").json == changed.json
    [listed] = cast.api().get("surveys").json["data"]
    assert "definition" not in listed and listed["key"] == "nps"


def test_a_version_is_the_same_bytes_for_ever(cast: Cast) -> None:
    api = cast.api()
    api.put("surveys/nps", body())
    published = api.post("surveys/nps/publications", {})
    assert published.status_code == 201
    assert (published.json["survey"], published.json["version"], published.json["warnings"]) == ("nps", 1, [])
    first = api.get("surveys/nps/versions/1")
    assert (first.status_code, first.json, first.mimetype) == (200, nps_definition(), "application/json")
    assert api.put("surveys/nps", body(definition=csat_definition())).json["draft_differs"] is True
    assert api.post("surveys/nps/publications", {}).json["version"] == 2
    again = api.get("surveys/nps/versions/1")
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert (
        first.data == json.dumps(nps_definition(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )
    unchanged = api.get("surveys/nps/versions/1", headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert [row["version"] for row in api.get("surveys/nps/versions").json["data"]] == [2, 1]


def test_publishing_an_unchanged_draft_again_gives_the_same_version(cast: Cast) -> None:
    api = cast.api()
    api.put("surveys/nps", body())
    first, again = (api.post("surveys/nps/publications", {}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert api.get("surveys/nps").json["draft_differs"] is False


def test_publications_at_once_make_one_version(cast: Cast) -> None:
    cast.api().put("surveys/nps", body())

    def publish(_number: int) -> tuple[int, int]:
        answer = cast.api().post("surveys/nps/publications", {})
        return answer.status_code, answer.json["version"]

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(publish, range(6))) == [(200, 1)] * 5 + [(201, 1)]


def test_the_first_puts_of_a_key_may_come_at_once(cast: Cast) -> None:
    with ThreadPoolExecutor(6) as pool:
        statuses = pool.map(lambda n: cast.api().put("surveys/nps", body(name=f"Name {n}")).status_code, range(6))
    assert sorted(statuses) == [200] * 5 + [201]


def test_kind_and_anonymity_are_fixed_by_the_first_publication(cast: Cast) -> None:
    api = cast.api()
    api.put("surveys/nps", body(kind="internal", anonymous=True))
    api.post("surveys/nps/publications", {})
    refused = api.put("surveys/nps", body(kind="transactional", anonymous=False))
    assert refused.status_code == 409
    assert [error["pointer"] for error in refused.json["errors"]] == ["/kind", "/anonymous"]
    assert api.put("surveys/nps", body()).json["kind"] == "internal"


def test_faults_are_named_below_the_definition(cast: Cast) -> None:
    definition = nps_definition(colour="red")
    definition["questions"][0]["type"] = "stars"
    refused = cast.api().put("surveys/nps", body(definition=definition))
    assert refused.status_code == 422
    pointers = {error["pointer"] for error in refused.json["errors"]}
    assert pointers == {"/definition/colour", "/definition/questions/0/type"}
    assert cast.api().get("surveys/nps").status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"definition": []}, "/definition"),
        ({"definition": None}, "/definition"),
        ({"kind": "nps"}, "/kind"),
        ({"anonymous": "no"}, "/anonymous"),
        ({"name": "\u200b"}, "/name"),
        ({"versions": 3}, "/versions"),
    ],
)
def test_bad_bodies_are_named_by_pointer(cast: Cast, change: dict[str, object], pointer: str) -> None:
    refused = cast.api().put("surveys/nps", body(**change))
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]


def test_the_linter_holds_back_until_somebody_gives_a_reason(cast: Cast) -> None:
    api, definition = cast.api(), nps_definition()
    definition["questions"] += [{"key": f"q{n}", "type": "text", "text": {"en": "Why?"}} for n in range(8)]
    api.put("surveys/nps", body(definition=definition))
    refused = api.post("surveys/nps/publications", {})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == ["/definition/questions"]
    assert api.post("surveys/nps/publications", {"override": ""}).status_code == 422
    assert api.post("surveys/nps/publications", {"override": 7}).status_code == 422
    published = api.post("surveys/nps/publications", {"override": "The board wants it."})
    assert (published.status_code, published.json["override"]) == (201, "The board wants it.")


def test_surveys_of_another_tenant_are_not_there(cast: Cast, others: Cast) -> None:
    others.api().put("surveys/theirs", body())
    others.api().post("surveys/theirs/publications", {})
    for method, path in (("GET", ""), ("GET", "/versions"), ("GET", "/versions/1"), ("POST", "/publications")):
        assert cast.api().call(method, f"surveys/theirs{path}").status_code == 404


def test_versions_that_never_were(cast: Cast) -> None:
    cast.api().put("surveys/nps", body())
    for number in ("1", "0", "99999999999999999999", "one"):
        assert cast.api().get(f"surveys/nps/versions/{number}").status_code in (404, 422)


def test_a_reader_may_not_write(cast: Cast) -> None:
    cast.api().put("surveys/nps", body())
    reader = cast.api(cast.key("read", "outreach", "responses", "cases"))
    assert reader.put("surveys/nps", body()).status_code == 403
    assert reader.post("surveys/nps/publications", {}).status_code == 403
    assert reader.get("surveys/nps").status_code == 200


def test_the_grammar_is_served_to_anybody(cast: Cast) -> None:
    schema = ApiClient(cast.app, None).get("schemas/survey.json")
    assert schema.status_code == 200
    validator = Draft202012Validator(schema.json)
    validator.validate(nps_definition())
    perceived = {"var": "hoped.perceived"}
    asked = {"and": [{"in": [2, {"var": "feel"}]}, {"in": [{"var": "one"}, ["late"]]}, {"<": [perceived, 3]}]}
    validator.validate(definition(wait={"show_if": asked}))
    for wrong in ({"feel": {"emotions": [2, 2]}}, {"wait": {"decimals": 9}}, {"wait": {"show_if": {"in": ["a", "b"]}}}):
        assert not validator.is_valid(definition(**wrong)), wrong


def test_a_survey_is_closed_and_opened_again(cast: Cast) -> None:
    api = cast.api()
    api.put("surveys/nps", body())
    assert api.post("surveys/nps/closure").status_code == 409, "a draft asks nobody"
    assert api.post("surveys/nps/publications", {}).status_code == 201
    assert api.get("surveys/nps").json["closed_at"] is None
    closed = api.post("surveys/nps/closure")
    assert closed.status_code == 201
    assert closed.json["closed_at"] is not None
    assert closed.json["closed_at"] == api.get("surveys/nps").json["closed_at"]
    assert api.post("surveys/nps/closure").status_code == 409
    opened = api.call("DELETE", "surveys/nps/closure")
    assert (opened.status_code, opened.data) == (204, b"")
    assert api.call("DELETE", "surveys/nps/closure").status_code == 409
    assert api.get("surveys/nps").json["closed_at"] is None
    assert api.post("surveys/none/closure").status_code == api.call("DELETE", "surveys/none/closure").status_code == 404
    assert cast.api(cast.key("read")).post("surveys/nps/closure").status_code == 403
