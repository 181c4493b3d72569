"""Webhooks over the API, and that what happens in the rooms is told in the API's own words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from app.customers.service import suppress
from app.delivery.webhooks.rules import KINDS
from app.insights.scorecards.events import MonthClosed
from app.insights.scorecards.models import ScorecardMonth
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.events import publish
from app.kernel.outbox_model import OutboxRow
from tests import receiver
from tests.cast import ApiClient, Cast
from tests.delivery.hooks import carry_due, listen, loopback_allowed
from tests.factories.customers import make_customer
from tests.factories.loop import make_answer, make_case
from tests.receiver import Receiver

GOOD = {"url": "https://example.com/heed", "events": ["case.opened"]}


@pytest.fixture
def server(cast: Cast) -> Iterator[Receiver]:
    with loopback_allowed(cast.app), receiver.serve() as running:
        yield running
    clock.shift(0)


@pytest.fixture
def api(cast: Cast) -> ApiClient:
    return cast.api()


def heard(cast: Cast, server: Receiver) -> list[dict[str, Any]]:
    """What has arrived since this was asked the last time."""
    cast.run_jobs()
    carry_due(cast)
    bodies = [json.loads(got.body) for got in server.requests]
    server.requests.clear()
    return bodies


def test_a_webhook_is_made_changed_and_taken_away(api: ApiClient) -> None:
    made = api.put("webhooks/crm", GOOD)
    assert made.status_code == 201 and made.json["secret"].startswith("whsec_")
    assert {key: made.json[key] for key in ("key", "active", "disabled_reason")} == {
        "key": "crm",
        "active": True,
        "disabled_reason": None,
    }
    again = api.put("webhooks/crm", {**GOOD, "active": False})
    assert (again.status_code, again.json["active"], again.json["secret"]) == (200, False, None)
    assert api.get("webhooks/crm").json == again.json
    assert api.get("webhooks").json == {"data": [again.json], "next_cursor": None}
    rotated = api.post("webhooks/crm/secrets")
    assert rotated.status_code == 201 and rotated.json["secret"] != made.json["secret"]
    assert made.json["secret"] not in api.get("webhooks/crm").text
    assert api.call("DELETE", "webhooks/crm").status_code == 204
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/secrets"), ("POST", "/tests"), ("POST", "/replays")):
        assert api.call(method, f"webhooks/crm{path}").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"url": "http://example.com/"}, "/url"),
        ({"url": "https://127.0.0.1/"}, "/url"),
        ({"url": 7}, "/url"),
        ({"url": ""}, "/url"),
        ({"url": "https://example.com/" + "a" * 3000}, "/url"),
        ({"events": []}, "/events"),
        ({"events": ["case.deleted"]}, "/events/0"),
        ({"events": ["test"]}, "/events/0"),
        ({"events": "case.opened"}, "/events"),
        ({"active": "yes"}, "/active"),
        ({"secret": "mine"}, "/secret"),
    ],
)
def test_what_is_wrong_is_named(api: ApiClient, wrong: dict[str, Any], pointer: str) -> None:
    refused = api.put("webhooks/crm", {**GOOD, **wrong})
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json["errors"]] == [pointer]
    assert api.get("webhooks").json["data"] == []


def test_only_an_admin_key_may(cast: Cast, api: ApiClient) -> None:
    api.put("webhooks/crm", GOOD)
    lesser = cast.api(cast.key("read", "outreach", "responses", "cases"))
    calls = [("GET", ""), ("GET", "/crm"), ("DELETE", "/crm"), ("POST", "/crm/secrets"), ("POST", "/crm/tests")]
    calls += [("GET", "/crm/deliveries"), ("POST", "/crm/replays")]
    for method, path in calls:
        assert lesser.call(method, f"webhooks{path}").status_code == 403
    assert lesser.put("webhooks/crm", GOOD).status_code == 403


def test_a_test_and_its_answer_are_read(cast: Cast, api: ApiClient, server: Receiver) -> None:
    listen(cast, server, key="crm")
    sent = api.post("webhooks/crm/tests")
    assert (sent.status_code, sent.json["state"], sent.json["type"]) == (201, "waiting", "test")
    server.status, server.body = 418, b"short and stout"
    carry_due(cast)
    read = api.get(f"webhooks/crm/deliveries/{sent.json['id']}").json
    assert (read["state"], read["status"], read["answer"]) == ("dead", 418, "short and stout")
    assert json.loads(read["body"])["type"] == "test" and read["message"] == sent.json["message"]
    assert api.get("webhooks/crm/deliveries?state=dead").json["data"] == [read]
    assert api.get("webhooks/crm/deliveries?state=delivered").json["data"] == []
    assert api.get("webhooks/crm/deliveries?state=lost").status_code == 422
    server.status = 200
    again = api.post(f"webhooks/crm/deliveries/{read['id']}/replays")
    assert (again.status_code, again.json["state"], again.json["attempts"]) == (201, "waiting", 0)
    assert api.post(f"webhooks/crm/deliveries/{read['id']}/replays").status_code == 409
    carry_due(cast)
    assert api.get(f"webhooks/crm/deliveries/{read['id']}").json["state"] == "delivered"
    assert api.post("webhooks/crm/replays").json == {"deliveries": 0}


def test_another_tenant_s_are_not_there(cast: Cast, others: Cast, server: Receiver) -> None:
    listen(cast, server, key="crm")
    sent = cast.api().post("webhooks/crm/tests").json["id"]
    listen(others, server, key="crm")
    for path in (f"webhooks/crm/deliveries/{sent}", f"webhooks/none/deliveries/{sent}"):
        assert others.api().get(path).status_code == 404
    assert others.api().post(f"webhooks/crm/deliveries/{sent}/replays").status_code == 404
    assert others.api().get("webhooks/crm/deliveries").json["data"] == []


def test_a_bad_answer_and_its_case_are_told_as_the_api_shows_them(cast: Cast, api: ApiClient, server: Receiver) -> None:
    listen(cast, server)
    with cast.scope():
        make_case(email="ana@example.com")
    told = {body["type"]: body for body in heard(cast, server)}
    assert set(told) == {"response.completed", "case.opened"}
    reader = cast.api(cast.key("read"))
    case = reader.get("cases/1").json
    assert told["case.opened"]["data"] == case
    assert told["response.completed"]["data"] == reader.get(f"responses/{case['response']}").json
    assert told["case.opened"]["timestamp"] == case["opened_at"]


def test_the_life_of_a_case_is_told(cast: Cast, api: ApiClient, server: Receiver) -> None:
    listen(cast, server, *[kind for kind in KINDS if kind.startswith("case.")])
    with cast.scope():
        make_case(email="ana@example.com")
    api.put("cases/1/assignment", {"user": cast.email("bob")})
    api.post("cases/1/first-contact", {"channel": "phone", "outcome": "attempted"})
    api.post("cases/1/first-contact", {"channel": "phone", "outcome": "reached"})
    api.put("cases/1/root-causes", {"root_causes": [{"code": "process", "share": 1.0, "verified": True}]})
    api.post("cases/1/notes", {"note": "Not told"})
    api.post("cases/1/resolution", {"action_taken": "Refunded."})
    api.post("cases/1/closure", {"outcome": "confirmed"})
    api.call("DELETE", "cases/1/closure")
    bodies = sorted(heard(cast, server), key=lambda body: body["timestamp"])
    wanted = ["opened", "assigned", "contacted", "resolved", "closed", "reopened"]
    assert [body["type"] for body in bodies] == [f"case.{kind}" for kind in wanted]
    clock.shift(40 * 24 * 3600)
    breached = heard(cast, server)
    assert {body["type"] for body in breached} == {"case.breached"}


def test_an_unsubscription_and_a_closed_month_are_told(cast: Cast, server: Receiver) -> None:
    listen(cast, server)
    with cast.scope():
        customer = make_customer("ana@example.com")
        suppress(customer.id, "unsubscribe_link")
        with atomic() as session:
            session.add(ScorecardMonth(period="2026-03", planned_at=clock.now(), closed_at=clock.now(), network="{}"))
            publish(MonthClosed("2026-03"))
    told = {body["type"]: body["data"] for body in heard(cast, server)}
    assert told["customer.unsubscribed"] == {"customer": str(customer.id)}
    assert told["scorecard.closed"]["period"] == "2026-03"


def test_history_is_not_told_and_without_listeners_nothing_is_queued(cast: Cast, server: Receiver) -> None:
    with cast.scope():
        make_answer()
        assert _notices() == 0
    cast.run_jobs()
    listen(cast, server)
    with cast.scope():
        make_answer(historic=True, answered_at=clock.now())
        assert _notices() == 0
        make_answer(9)
        assert _notices() == 1
    assert [body["type"] for body in heard(cast, server)] == ["response.completed"]


def _notices() -> int:
    query = select(func.count()).select_from(OutboxRow).where(OutboxRow.job.like("tell_of%"))
    return db.session.scalar(query) or 0


def test_a_notice_that_runs_twice_tells_once(cast: Cast, server: Receiver) -> None:
    from app.api import notices

    listen(cast, server, "response.completed")
    with cast.scope():
        response_id = str(make_answer(9))
        notices.tell_of_response(cast.tenant_id, response_id=response_id)
        notices.tell_of_response(cast.tenant_id, response_id=response_id)
    assert len(heard(cast, server)) == 1
