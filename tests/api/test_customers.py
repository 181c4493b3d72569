"""Customers over the API: one person behind the identifiers, whatever is sent."""

from __future__ import annotations

from typing import Any

import pytest

from app.customers import queries
from app.kernel.ids import parse_id
from tests.audits import list_audit
from tests.cast import ApiClient, Cast

ANA = {"type": "email", "value": "ana@example.com"}


@pytest.fixture
def api(cast: Cast) -> ApiClient:
    return cast.api(cast.key("outreach"))


def test_a_customer_is_made_then_found(cast: Cast, api: ApiClient) -> None:
    phone = {"type": "phone", "value": "+55 11 98765-4321"}
    body = {"identifiers": [ANA, phone], "name": "Ana", "locale": "pt_BR", "timezone": "America/Sao_Paulo"}
    made = api.post("customers", body | {"attributes": {"tier": "gold", "age": 30, "vip": True}})
    assert made.status_code == 201
    assert made.json == {
        "id": made.json["id"],
        "identifiers": [ANA, {"type": "phone", "value": "+5511987654321"}],
        "name": "Ana",
        "locale": "pt-BR",
        "timezone": "America/Sao_Paulo",
        "attributes": {"tier": "gold", "age": 30, "vip": True},
        "unsubscribed": False,
    }
    found = api.post("customers", {"identifiers": [phone], "name": "Ana Souza"})
    assert (found.status_code, found.json["id"], found.json["name"]) == (200, made.json["id"], "Ana Souza")
    with cast.scope():
        assert [row.action for row in list_audit()][:2] == ["customer.changed", "customer.created"]
        assert list_audit()[0].after == {"changed": ["name"]} and list_audit()[0].actor_kind == "api_key"


def test_the_same_again_leaves_no_audit(cast: Cast, api: ApiClient) -> None:
    for status in (201, 200, 200):
        assert api.post("customers", {"identifiers": [ANA]}).status_code == status
    with cast.scope():
        assert [row.action for row in list_audit()].count("customer.created") == 1
        assert "customer.changed" not in [row.action for row in list_audit()]


BAD: list[tuple[Any, str]] = [
    ({}, "/identifiers"),
    ({"identifiers": []}, "/identifiers"),
    ({"identifiers": [ANA], "nickname": "A"}, "/nickname"),
    ({"identifiers": [{"type": "fax", "value": "1"}]}, "/identifiers/0/type"),
    ({"identifiers": [ANA, {"type": "email", "value": "nobody"}]}, "/identifiers/1/value"),
    ({"identifiers": [{"type": "email", "value": 7}]}, "/identifiers/0/value"),
    ({"identifiers": [ANA], "name": ["Ana"]}, "/name"),
    ({"identifiers": [ANA], "name": "x" * 201}, "/name"),
    ({"identifiers": [ANA], "name": "a\u0007b"}, "/name"),
    ({"identifiers": [ANA], "locale": "English please"}, "/locale"),
    ({"identifiers": [ANA], "timezone": "Nowhere"}, "/timezone"),
    ({"identifiers": [ANA], "attributes": {"a": None}}, "/attributes"),
    ({"identifiers": [ANA], "attributes": []}, "/attributes"),
]


@pytest.mark.parametrize(("body", "pointer"), BAD)
def test_bad_input_is_refused_with_its_place(cast: Cast, api: ApiClient, body: Any, pointer: str) -> None:
    answer = api.post("customers", body)
    assert answer.status_code == 422 and answer.mimetype == "application/problem+json"
    assert answer.json["errors"][0]["pointer"] == pointer
    with cast.scope():
        assert queries.find_by_identifiers([("email", "ana@example.com")]) == []


def test_hostile_names_come_back_as_they_went(api: ApiClient) -> None:
    for name in ("'\"><script>alert(1)</script>", "{{7*7}}", "王小明"):
        assert api.post("customers", {"identifiers": [ANA], "name": name}).json["name"] == name


def test_only_keys_that_may_ask_may_tell(cast: Cast) -> None:
    assert cast.api(cast.key("read")).post("customers", {"identifiers": [ANA]}).status_code == 403
    assert cast.api("nobody").post("customers", {"identifiers": [ANA]}).status_code == 401
    assert cast.api().post("customers", {"identifiers": [ANA]}).status_code == 201


def test_another_tenant_has_its_own(cast: Cast, others: Cast) -> None:
    ours = cast.api().post("customers", {"identifiers": [ANA], "name": "Ours"}).json
    theirs = others.api().post("customers", {"identifiers": [ANA]})
    assert theirs.status_code == 201 and theirs.json["name"] is None and theirs.json["id"] != ours["id"]
    with others.scope():
        assert queries.find_customer(parse_id(ours["id"])) is None
