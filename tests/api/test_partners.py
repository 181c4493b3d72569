"""Partners and departments by API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cast import ApiClient, Cast

BODIES = {"partners": {"name": "Swift"}, "departments": {"name": "Logistics", "layer": "frontline"}}


@pytest.mark.parametrize("group", BODIES)
def test_put_makes_then_changes(cast: Cast, group: str) -> None:
    api, body = cast.api(), BODIES[group]
    made = api.put(f"{group}/swift", body)
    assert (made.status_code, made.json) == (201, {"key": "swift", **body})
    assert api.put(f"{group}/swift", body).status_code == 200
    changed = api.put(f"{group}/swift", {**body, "name": "Swifter"})
    assert (changed.status_code, changed.json["name"]) == (200, "Swifter")
    assert api.get(f"{group}/swift").json == {"key": "swift", **body, "name": "Swifter"}


@pytest.mark.parametrize("group", BODIES)
def test_lists_come_in_pages(cast: Cast, group: str) -> None:
    api = cast.api()
    for key in ("b", "a", "c"):
        api.put(f"{group}/{key}", BODIES[group])
    first = api.get(f"{group}?limit=2").json
    rest = api.get(f"{group}?limit=200&cursor={first['next_cursor']}").json
    keys = [row["key"] for row in first["data"] + rest["data"]]
    assert [key for key in keys if key != "pats"] == ["a", "b", "c"]
    assert rest["next_cursor"] is None
    assert api.get(f"{group}?limit=201").status_code == 422
    assert api.get(f"{group}?cursor=nonsense").status_code == 422


@pytest.mark.parametrize("group", BODIES)
def test_the_first_puts_of_a_key_may_come_at_once(cast: Cast, group: str) -> None:
    def put(number: int) -> int:
        return cast.api().put(f"{group}/same", {**BODIES[group], "name": f"Name {number}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(put, range(8)))
    assert statuses == [200] * 7 + [201]


@pytest.mark.parametrize("group", BODIES)
def test_keys_need_the_right_scope(cast: Cast, group: str) -> None:
    reader = cast.api(cast.key("read"))
    assert reader.put(f"{group}/swift", BODIES[group]).status_code == 403
    assert ApiClient(cast.app, None).put(f"{group}/swift", BODIES[group]).status_code == 401
    cast.api().put(f"{group}/swift", BODIES[group])
    assert reader.get(f"{group}/swift").status_code == 200


@pytest.mark.parametrize("group", BODIES)
def test_another_tenants_rows_are_not_there(cast: Cast, others: Cast, group: str) -> None:
    others.api().put(f"{group}/theirs", BODIES[group])
    foreign, random = cast.api().get(f"{group}/theirs"), cast.api().get(f"{group}/nothing")
    assert foreign.status_code == random.status_code == 404
    assert foreign.json["title"] == random.json["title"]


@pytest.mark.parametrize("group", BODIES)
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": 7}, "/name"),
        ({"name": None}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "  "}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": ["Swift"]}, "/name"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_bad_bodies_are_named_by_pointer(cast: Cast, group: str, change: dict[str, object], pointer: str) -> None:
    refused = cast.api().put(f"{group}/swift", {**BODIES[group], **change})
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]
    assert cast.api().get(f"{group}/swift").status_code == 404


@pytest.mark.parametrize("key", ["Swift", "swift parcel", "x" * 65, "顺丰"])
def test_bad_keys_are_refused(cast: Cast, key: str) -> None:
    assert cast.api().put(f"partners/{key}", BODIES["partners"]).status_code == 422


def test_a_layer_is_one_of_two(cast: Cast) -> None:
    refused = cast.api().put("departments/swift", {"name": "Swift", "layer": "backstage"})
    assert refused.status_code == 422 and refused.json["errors"][0]["pointer"] == "/layer"


@pytest.mark.parametrize("name", ["'\"><script>alert(1)</script>", "{{7*7}}", "顺", "x" * 200])
def test_names_come_back_as_they_were_sent(cast: Cast, name: str) -> None:
    assert cast.api().put("partners/swift", {"name": name}).json["name"] == name
