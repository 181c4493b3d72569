"""What every API request goes through: key, body, errors, document."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from app.tenants import key_service, queries
from tests.cast import Cast


def test_the_document_is_public(cast: Cast) -> None:
    answer = cast.api(key="").get("openapi.json")
    assert answer.status_code == 200 and answer.json["openapi"].startswith("3.1")


def test_an_unknown_address_is_a_problem(cast: Cast) -> None:
    answer = cast.api().get("nothing")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_the_document_names_refusals_as_they_come(cast: Cast) -> None:
    document = cast.app.api_doc
    refused = cast.api().get("partners/nobody")
    said = document["paths"]["/api/v1/partners/{key}"]["get"]["responses"][str(refused.status_code)]["content"]
    assert list(said) == [refused.mimetype]
    name = said[refused.mimetype]["schema"]["$ref"].rpartition("/")[2]
    assert set(refused.json) <= set(document["components"]["schemas"][name]["properties"])


def test_a_database_that_is_away_is_a_503_with_retry_after(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_any: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("the server is restarting"))

    monkeypatch.setattr("app.insights.figures.queries.figure", away)
    answer = cast.api().get("figures/nps")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.mimetype == "application/problem+json"
    assert "restarting" not in answer.text


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer heed_x", "Basic abc", f"Bearer heed_{'A' * 64}", f"Bearer heed_{'!' * 64}"]
)
def test_a_wrong_key_is_401(cast: Cast, header: str) -> None:
    answer = cast.app.test_client().get("/api/v1/partners", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_is_401_at_once(cast: Cast) -> None:
    key = cast.key("read")
    assert cast.api(key).get("partners").status_code == 200
    with cast.scope():
        key_service.revoke_api_key(next(row.key.id for row in queries.list_api_keys() if row.key.name == "test"))
    assert cast.api(key).get("partners").status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"name": NaN}', 400),
        (b"[" * 100_000, 400),
        (b'["a"]', 422),
        (b'{"name": "a\\u0000b"}', 422),
        (b'{"name": "\\ud800"}', 422),
        (b'{"name": ' + b'{"a":' * 30 + b"1" + b"}" * 31, 422),
        (b'{"name": 1}', 422),
        (b'{"name": "A", "tenant_id": "x"}', 422),
        (b'{"name": "' + b"x" * 1_100_000 + b'"}', 413),
    ],
)
def test_a_body_that_cannot_be_read(cast: Cast, body: bytes, status: int) -> None:
    headers = {"Authorization": f"Bearer {cast.api_key}", "Content-Type": "application/json"}
    answer = cast.app.test_client().put("/api/v1/partners/p", data=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert cast.api().get("partners/p").status_code == 404


def test_an_idempotency_key_repeats_the_first_answer(cast: Cast) -> None:
    api, headers = cast.api(), {"Idempotency-Key": "order-1"}
    body = {"identifiers": [{"type": "email", "value": "ana@example.com"}]}
    first = api.post("customers", body, headers=headers)
    again = api.post("customers", body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")
    other = {"identifiers": [{"type": "email", "value": "ben@example.com"}]}
    assert api.post("customers", other, headers=headers).status_code == 422
    assert cast.api(cast.key("outreach")).post("customers", other, headers=headers).status_code == 201


def test_a_refusal_is_repeated_too(cast: Cast) -> None:
    api, headers = cast.api(), {"Idempotency-Key": "bad"}
    first = api.post("customers", {"identifiers": []}, headers=headers)
    again = api.post("customers", {"identifiers": []}, headers=headers)
    assert (first.status_code, again.status_code) == (422, 422)
    assert again.mimetype == "application/problem+json"
    assert again.json == first.json
