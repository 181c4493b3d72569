"""The case endpoints: each with its statuses, and what they refuse."""

from __future__ import annotations

import pytest

from tests.cast import ApiClient, Cast
from tests.factories.loop import make_case, make_worked_case


@pytest.fixture
def number(cast: Cast) -> int:
    with cast.scope():
        return make_case(email="ana@example.com").number


@pytest.fixture
def api(cast: Cast) -> ApiClient:
    return cast.api()


def test_a_new_case_as_the_contract_says(api: ApiClient, number: int) -> None:
    case = api.get(f"cases/{number}").json
    assert case["number"] == number == 1
    assert (case["status"], case["closure"], case["severity"], case["owner"]) == ("new", None, 3, None)
    assert (case["touchpoint"], case["root_causes"], case["first_contact_at"]) == ("delivery", [], None)
    assert case["first_contact_due_at"].endswith("Z")
    assert api.get(f"responses/{case['response']}").json["case"] == number


def test_a_case_is_worked_and_closed(cast: Cast, api: ApiClient, number: int) -> None:
    assert api.put(f"cases/{number}/assignment", {"user": cast.email("bob").upper()}).json["owner"] == cast.email("bob")
    refused = api.post(f"cases/{number}/closure", {"outcome": "confirmed"})
    assert refused.status_code == 409
    assert len(refused.json["errors"]) == 3
    contact = {"channel": "phone", "outcome": "reached", "note": "Called."}
    assert api.post(f"cases/{number}/first-contact", contact).status_code == 201
    causes = {"root_causes": [{"code": "process", "share": 0.4, "verified": True}, {"code": "partner", "share": 0.6}]}
    assert len(api.put(f"cases/{number}/root-causes", causes).json["root_causes"]) == 2
    resolved = api.post(f"cases/{number}/resolution", {"action_taken": "Refunded."})
    assert (resolved.status_code, resolved.json["status"]) == (201, "resolved")
    closed = api.post(f"cases/{number}/closure", {"outcome": "confirmed"})
    assert (closed.status_code, closed.json["status"], closed.json["closure"]) == (201, "closed", "confirmed")
    assert api.post(f"cases/{number}/closure", {"outcome": "confirmed"}).status_code == 409
    assert api.call("DELETE", f"cases/{number}/closure").status_code == 204
    assert api.get(f"cases/{number}").json["status"] == "assigned"
    assert api.call("DELETE", f"cases/{number}/closure").status_code == 409
    kinds = [event["kind"] for event in api.get(f"cases/{number}/events").json["data"]]
    assert kinds == ["opened", "assigned", "contacted", "causes_set", "resolved", "closed", "reopened"]


def test_waiting_and_notes(api: ApiClient, number: int) -> None:
    waits = api.post(f"cases/{number}/waiting", {"for": "customer", "reason": "Photos."})
    assert (waits.status_code, waits.json["status"]) == (201, "waiting_customer")
    assert api.call("DELETE", f"cases/{number}/waiting").status_code == 204
    note = api.post(f"cases/{number}/notes", {"note": "Look at the van."})
    assert (note.status_code, note.json["text"], note.json["actor"]["kind"]) == (201, "Look at the van.", "api_key")


def test_filters(cast: Cast, api: ApiClient, number: int) -> None:
    with cast.scope():
        other = make_worked_case(email="ben@example.com", touchpoint="call").number

    def found(query: str) -> list[int]:
        return [case["number"] for case in api.get(f"cases?{query}").json["data"]]

    assert found("") == [other, number]
    assert found("status=new") == [number]
    assert found("status=new&status=resolved") == [other, number]
    assert found("touchpoint=call") == [other]
    assert found("owner=none") == [other, number]
    assert found(f"owner={cast.email('bob')}") == []
    assert found("breached=true") == []
    assert found("breached=false") == [other, number]
    page = api.get("cases?limit=1").json
    assert [case["number"] for case in page["data"]] == [other]
    assert found(f"limit=1&cursor={page['next_cursor']}") == [number]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "assignment", {"user": "nobody@example.com"}, 422),
        ("PUT", "assignment", {}, 422),
        ("POST", "first-contact", {"channel": "phone", "outcome": "maybe"}, 422),
        ("POST", "first-contact", {"channel": "phone", "outcome": "reached", "colour": 1}, 422),
        ("PUT", "root-causes", {"root_causes": [{"code": "ghosts"}]}, 422),
        ("PUT", "root-causes", {"root_causes": [{"code": "process", "share": 0.2}]}, 422),
        ("PUT", "root-causes", {"root_causes": []}, 422),
        ("POST", "resolution", {"action_taken": ""}, 422),
        ("POST", "closure", {"outcome": "forgotten"}, 422),
        ("POST", "closure", {"outcome": "rejected"}, 409),
        ("POST", "closure", {"outcome": "merged", "note": "Same.", "into": 99}, 422),
        ("POST", "notes", {"note": "x" * 5001}, 422),
        ("POST", "waiting", {"for": "godot", "reason": "Soon."}, 422),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(
    api: ApiClient, number: int, method: str, path: str, body: dict, status: int
) -> None:
    before = api.get(f"cases/{number}").json, api.get(f"cases/{number}/events").json
    answer = api.call(method, f"cases/{number}/{path}", body)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert (api.get(f"cases/{number}").json, api.get(f"cases/{number}/events").json) == before


@pytest.mark.parametrize("wrong", ["99", "0", "2147483648", "99999999999999999999", "one"])
def test_an_unknown_number_is_not_found(api: ApiClient, number: int, wrong: str) -> None:
    assert api.get(f"cases/{wrong}").status_code == 404
    assert api.post(f"cases/{wrong}/notes", {"note": "x"}).status_code == 404


def test_another_tenant_has_no_such_case(others: Cast, number: int) -> None:
    assert others.api().get(f"cases/{number}").status_code == 404
    assert others.api().get("cases").json["data"] == []


def test_a_reading_key_may_not_work(cast: Cast, number: int) -> None:
    reader = cast.api(cast.key("read"))
    assert reader.get(f"cases/{number}").status_code == 200
    assert reader.post(f"cases/{number}/notes", {"note": "x"}).status_code == 403
    assert cast.api(cast.key("cases")).post(f"cases/{number}/notes", {"note": "x"}).status_code == 201
