"""Touchpoints by API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.cast import Cast
from tests.queries import count_queries

BODY: dict[str, Any] = {"name": "Delivery", "journey": "purchase", "stage": "delivery", "channel": "email"}
NOBODY = {"department": None, "partner": None, "desired_emotion": None}


def test_put_makes_then_changes(cast: Cast) -> None:
    api = cast.api()
    api.put("departments/logistics", {"name": "Logistics", "layer": "frontline"})
    made = api.put("touchpoints/delivery", BODY)
    assert (made.status_code, made.json) == (201, {"key": "delivery", **BODY, **NOBODY})
    whole = {**BODY, "stage": "home", "department": "logistics", "partner": None, "desired_emotion": 14}
    changed = api.put("touchpoints/delivery", whole)
    assert (changed.status_code, changed.json) == (200, {"key": "delivery", **whole})
    assert api.get("touchpoints/delivery").json == {"key": "delivery", **whole}
    emptied = api.put("touchpoints/delivery", {**BODY, "partner": "pats"})
    assert emptied.json == {"key": "delivery", **BODY, **NOBODY, "partner": "pats"}


def test_an_unknown_owner_is_a_fault_of_the_body(cast: Cast, others: Cast) -> None:
    others.api().put("partners/theirs", {"name": "Theirs"})
    for field, key in (("department", "nobody"), ("partner", "nobody"), ("partner", "theirs")):
        refused = cast.api().put("touchpoints/delivery", {**BODY, field: key})
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.json["errors"]] == [f"/{field}"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"channel": "Carrier Pigeon"}, "/channel"),
        ({"channel": None}, "/channel"),
        ({"journey": "Purchase"}, "/journey"),
        ({"stage": ""}, "/stage"),
        ({"desired_emotion": 0}, "/desired_emotion"),
        ({"desired_emotion": 21}, "/desired_emotion"),
        ({"desired_emotion": "14"}, "/desired_emotion"),
        ({"desired_emotion": 14.5}, "/desired_emotion"),
        ({"desired_emotion": True}, "/desired_emotion"),
        ({"owner": "x"}, "/owner"),
    ],
)
def test_bad_bodies_are_named_by_pointer(cast: Cast, change: dict[str, object], pointer: str) -> None:
    refused = cast.api().put("touchpoints/delivery", {**BODY, **change})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]


def test_a_channel_of_the_tenants_own_is_taken(cast: Cast) -> None:
    assert cast.api().put("touchpoints/delivery", {**BODY, "channel": "drone_2"}).status_code == 201


def test_the_first_puts_of_a_key_may_come_at_once(cast: Cast) -> None:
    def put(number: int) -> int:
        return cast.api().put("touchpoints/same", {**BODY, "desired_emotion": number + 1}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(put, range(8)))
    assert statuses == [200] * 7 + [201]


def test_journeys_made_at_once_are_one(cast: Cast) -> None:
    def put(number: int) -> int:
        return cast.api().put(f"touchpoints/t{number}", BODY).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(put, range(8))) == {201}
    stages = {(row["journey"], row["stage"]) for row in cast.api().get("touchpoints").json["data"]}
    assert stages == {("purchase", "delivery")}


def test_a_list_needs_the_same_few_queries_however_long(cast: Cast) -> None:
    def queries_of_list() -> int:
        with count_queries() as statements:
            assert cast.api().get("touchpoints").status_code == 200
        return len(statements)

    cast.api().put("touchpoints/a", {**BODY, "partner": "pats"})
    few = queries_of_list()
    for number in range(10):
        cast.api().put(f"touchpoints/t{number}", {**BODY, "stage": f"s{number}", "partner": "pats"})
    assert queries_of_list() == few


def test_a_whole_number_may_be_written_with_a_nought_behind_the_point(cast: Cast) -> None:
    """As JSON Schema has it, which the document speaks."""
    assert cast.api().put("touchpoints/delivery", {**BODY, "desired_emotion": 14.0}).json["desired_emotion"] == 14
