"""Interactions over the API: taken once, refused with their place, many at a time, read back with what was decided."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from app.customers.models import Customer
from app.kernel import clock
from app.kernel.db import db
from app.surveys.outreach.models import Interaction, Invitation
from tests.cast import ApiClient, Cast
from tests.factories.journeys import make_touchpoint
from tests.factories.outreach import make_interaction, make_rule
from tests.queries import count_queries

Body = dict[str, Any]


def body(id: str = "order-4711:delivery", email: str = "ana@example.com", **fields: Any) -> Body:
    """The interaction of the contract."""
    return {
        "id": id,
        "touchpoint": "delivery",
        "occurred_at": (clock.now() - timedelta(minutes=1)).replace(microsecond=0).isoformat(),
        "customer": {
            "identifiers": [{"type": "email", "value": email}],
            "name": "Ana",
            "locale": "pt-BR",
            "timezone": "America/Sao_Paulo",
        },
        "partner": "pats",
        "employee": {"id": "e-17", "name": "Li"},
        "measures": {"late_days": 3},
        "attributes": {"category": "perfumery"},
        "historic": False,
    } | fields


@pytest.fixture
def api(cast: Cast) -> ApiClient:
    with cast.scope():
        make_touchpoint("delivery")
        make_rule("delivery-rule", channel="link")
    return cast.api(cast.key("outreach"))


def count(cast: Cast, model: Any) -> int:
    with cast.scope():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_interaction_of_the_contract_is_taken_and_read(cast: Cast, api: ApiClient) -> None:
    sent = body()
    taken = api.post("interactions", sent)
    assert taken.status_code == 202 and taken.json["id"] == "order-4711:delivery"
    assert api.post("interactions", sent).json == taken.json
    read = api.get("interactions/order-4711:delivery").json
    [decision] = read.pop("outreach")
    invitation = decision.pop("invitation")
    assert decision == {"rule": "delivery-rule", "decision": "scheduled", "reason": None}
    assert api.get(f"invitations/{invitation}").json["customer"] == read["customer"]
    expected = {**sent, "received_at": taken.json["received_at"], "customer": read["customer"]}
    expected["occurred_at"] = sent["occurred_at"].replace("+00:00", "Z")
    assert read == expected
    cast.run_jobs()
    assert api.get("interactions/order-4711:delivery").json["outreach"][0]["decision"] == "sent"


@pytest.mark.parametrize("id", ["a/b", "/a", "a//b", "a/", "a?b#c", "x y", "订单-1", "a%2Fb", "http://x.example/1?a=b"])
def test_any_id_of_the_sender_s_is_found_again(api: ApiClient, id: str) -> None:
    assert api.post("interactions", body(id)).status_code == 202
    assert api.get(f"interactions/{quote(id, safe='')}").json["id"] == id


def test_an_unknown_id_is_not_found(api: ApiClient, others: Cast, cast: Cast) -> None:
    api.post("interactions", body("o-1"))
    for path in ("interactions/o-2", "interactions/a%00b", f"interactions/{'x' * 201}"):
        assert api.get(path).status_code in (404, 422), path
    assert others.api().get("interactions/o-1").status_code == 404


def test_other_content_under_the_id_is_a_conflict(cast: Cast, api: ApiClient) -> None:
    api.post("interactions", body("o-1"))
    answer = api.post("interactions", body("o-1", measures={"late_days": 4}))
    assert answer.status_code == 409 and answer.json["errors"][0]["pointer"] == "/id"
    assert api.get("interactions/o-1").json["measures"] == {"late_days": 3}
    assert count(cast, Interaction) == count(cast, Invitation) == 1


def changed(**fields: Any) -> Body:
    return body() | fields


BAD: list[tuple[Body, str]] = [
    (changed(surprise=1), "/surprise"),
    (changed(id=7), "/id"),
    (changed(id=""), "/id"),
    (changed(id="a\nb"), "/id"),
    (changed(touchpoint="Delivery!"), "/touchpoint"),
    (changed(touchpoint="nowhere"), "/touchpoint"),
    (changed(partner="nobody"), "/partner"),
    (changed(occurred_at="2026-01-12T14:05:00"), "/occurred_at"),
    (changed(occurred_at="yesterday"), "/occurred_at"),
    (changed(occurred_at=1768226700), "/occurred_at"),
    (changed(occurred_at="1768226700"), "/occurred_at"),
    (changed(occurred_at="2026-02-30T14:05:00Z"), "/occurred_at"),
    (changed(occurred_at="2999-01-01T00:00:00Z"), "/occurred_at"),
    (changed(occurred_at=None), "/occurred_at"),
    (changed(measures={"late": "3"}), "/measures"),
    (changed(measures={"late": True}), "/measures"),
    (changed(measures={"late": {"days": 3}}), "/measures"),
    (changed(measures=[3]), "/measures"),
    (changed(measures={f"m{number}": 1 for number in range(51)}), "/measures"),
    (changed(attributes={"a": {"b": 1}}), "/attributes"),
    (changed(attributes={"a": "x" * 501}), "/attributes"),
    (changed(historic="no"), "/historic"),
    (changed(employee={"name": "Li"}), "/employee/id"),
    (changed(employee={"id": "e\u0007"}), "/employee/id"),
    (changed(customer={"identifiers": []}), "/customer/identifiers"),
    (changed(customer={"identifiers": [{"type": "email", "value": "x"}]}), "/customer/identifiers/0/value"),
    (changed(customer={"identifiers": [{"type": "email", "value": "a@b.example"}], "zip": 1}), "/customer/zip"),
    (changed(customer=None), "/customer"),
]


@pytest.mark.parametrize(("sent", "pointer"), BAD)
def test_bad_input_is_refused_with_its_place_and_keeps_nothing(
    cast: Cast, api: ApiClient, sent: Body, pointer: str
) -> None:
    answer = api.post("interactions", sent)
    assert answer.status_code == 422 and answer.mimetype == "application/problem+json"
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert count(cast, Interaction) == count(cast, Customer) == 0


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"id": NaN}', 400),
        (b"[]", 422),
        (b'{"id": "a\\u0000b"}', 422),
        (b'{"id": "\\ud800"}', 422),
        (b'{"a":' * 100 + b"1" + b"}" * 100, 422),
        (b" " * (1024 * 1024 + 1), 413),
    ],
    ids=["json", "utf-8", "nan", "list", "nul", "surrogate", "deep", "large"],
)
def test_what_cannot_be_read_has_its_own_status(cast: Cast, api: ApiClient, raw: bytes, status: int) -> None:
    assert api.post("interactions", data=raw).status_code == status
    assert count(cast, Interaction) == 0


def test_a_number_too_large_to_be_one_is_refused(api: ApiClient) -> None:
    for number in ("1e400", "9" * 400):
        raw = json.dumps(body()).replace('"late_days": 3', f'"late_days": {number}').encode()
        answer = api.post("interactions", data=raw)
        assert answer.status_code == 422 and answer.json["errors"][0]["pointer"] == "/measures", number


def test_a_batch_answers_for_each_and_keeps_what_is_good(cast: Cast, api: ApiClient) -> None:
    items = [
        body("o-1"),
        body("o-2", touchpoint="nowhere"),
        body("o-3", email="bea@example.com"),
        body("o-1"),
        body("o-1", measures={}),
        "not an object",
        body("o-4") | {"surprise": 1},
    ]
    answer = api.post("interactions/batch", {"interactions": items})
    assert answer.status_code == 200
    data = answer.json["data"]
    assert [item["index"] for item in data] == list(range(7))
    assert [item["status"] for item in data] == [202, 422, 202, 202, 409, 422, 422]
    assert [item.get("id") for item in data] == ["o-1", None, "o-3", "o-1", None, None, None]
    assert data[1]["errors"][0]["pointer"] == "/touchpoint" and data[4]["errors"][0]["pointer"] == "/id"
    assert data[6]["errors"] == [{"pointer": "/surprise", "detail": "Unknown field."}]
    assert count(cast, Interaction) == count(cast, Invitation) == 2


def test_a_batch_has_its_limits(cast: Cast, api: ApiClient) -> None:
    assert api.post("interactions/batch", {"interactions": []}).status_code == 422
    assert api.post("interactions/batch", {"interactions": [1] * 1001}).status_code == 422
    assert api.post("interactions/batch", {"items": []}).status_code == 422
    assert api.post("interactions/batch", data=b" " * (8 * 1024 * 1024 + 1)).status_code == 413


def test_a_thousand_at_once(cast: Cast, api: ApiClient) -> None:
    items = [body(f"o-{number}", email=f"c{number}@example.com") for number in range(1000)]
    started = time.monotonic()
    answer = api.post("interactions/batch", {"interactions": items})
    seconds = time.monotonic() - started
    assert {item["status"] for item in answer.json["data"]} == {202}
    assert count(cast, Invitation) == 1000
    # What is measured stands in the benchmarks; this only notices when it stops being usable.
    assert seconds < 60, seconds
    print(f"1,000 interactions in {seconds:.1f} s")


def test_an_idempotency_key_repeats_the_first_answer(api: ApiClient) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = api.post("interactions", body("o-1"), headers=headers)
    again = api.post("interactions", body("o-1") | {"occurred_at": body()["occurred_at"]}, headers=headers)
    assert first.status_code == 202 and again.status_code in (202, 422)


def test_the_list_is_narrowed_and_paged(cast: Cast, api: ApiClient) -> None:
    with cast.scope():
        make_touchpoint("purchase")
    for number in range(5):
        touchpoint = "purchase" if number == 4 else "delivery"
        fields = {"partner": None} if number == 0 else {}
        api.post("interactions", body(f"o-{number}", email=f"c{number}@example.com", touchpoint=touchpoint, **fields))

    def ids(query: str) -> list[str]:
        return [row["id"] for row in api.get(f"interactions{query}").json["data"]]

    assert ids("") == ["o-4", "o-3", "o-2", "o-1", "o-0"]
    assert ids("?touchpoint=purchase") == ["o-4"] and ids("?touchpoint=nowhere") == []
    assert ids("?partner=pats") == ["o-4", "o-3", "o-2", "o-1"]
    customer = api.get("interactions/o-2").json["customer"]
    assert ids(f"?customer={customer}") == ["o-2"] and ids("?customer=x") == []
    page = api.get("interactions?limit=2").json
    assert ids(f"?limit=2&cursor={page['next_cursor']}") == ["o-2", "o-1"]
    assert api.get("interactions?cursor=x").status_code == 422
    assert api.get("interactions?surprise=1").status_code == 422


def test_a_page_of_the_list_takes_the_same_queries_however_long(cast: Cast, api: ApiClient) -> None:
    def statements() -> int:
        with count_queries() as found:
            assert api.get("interactions").status_code == 200
        return len(found)

    api.post("interactions", body("o-0"))
    before = statements()
    with cast.scope():
        for _ in range(8):
            make_interaction()
    assert statements() == before


def test_keys_without_the_scope_may_not_send_but_read(cast: Cast, api: ApiClient) -> None:
    api.post("interactions", body("o-1"))
    reader = cast.api(cast.key("read"))
    assert reader.get("interactions/o-1").status_code == 200
    assert reader.post("interactions", body("o-2")).status_code == 403
    assert reader.post("interactions/batch", {"interactions": []}).status_code == 403
    assert cast.api("nobody").post("interactions", body()).status_code == 401
