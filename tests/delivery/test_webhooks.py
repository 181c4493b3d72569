"""Webhooks: told at least once under one id, signed, tried again, given up, replayed; and never sent where they must
not go."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update
from standardwebhooks import Webhook, WebhookVerificationError

from app.config import Settings
from app.delivery.service import queue_message
from app.delivery.webhooks import courier, queries, service
from app.delivery.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.delivery.webhooks.rules import FAILING_FOR, KINDS, MOST_ENDPOINTS, OLD_SECRET_FOR, WAITS
from app.delivery.webhooks.service import EndpointInput
from app.kernel import clock, sealing
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.ids import new_id
from app.kernel.outbound import client
from app.kernel.outbox_model import OutboxRow
from app.loop.cases.queries import find_case_of_response
from tests import receiver, smtp
from tests.cast import Cast
from tests.delivery.hooks import carry_due, listen, loopback_allowed, told
from tests.factories.loop import make_answer
from tests.receiver import Receiver
from tests.threads import at_once
from tests.urls import NAMES, TEXTS


@pytest.fixture
def server(cast: Cast) -> Iterator[Receiver]:
    with loopback_allowed(cast.app), receiver.serve() as running:
        yield running
    clock.shift(0)


def deliveries(cast: Cast, key: str = "hook") -> list[WebhookDelivery]:
    with cast.scope():
        return list(queries.page_of_deliveries(queries.get_endpoint(key), None, None).rows)


def endpoint(cast: Cast, key: str = "hook") -> WebhookEndpoint:
    with cast.scope():
        return queries.get_endpoint(key)


def test_what_happened_arrives_signed(cast: Cast, server: Receiver) -> None:
    secret = listen(cast, server)
    assert told(cast, words="很好") == 1
    assert carry_due(cast) == 1
    [got] = server.requests
    body = Webhook(secret).verify(got.body, got.headers)
    assert body == {"type": "case.opened", "timestamp": body["timestamp"], "data": {"words": "很好"}}
    assert datetime.fromisoformat(body["timestamp"]).tzinfo is not None
    assert got.headers["content-type"] == "application/json" and got.headers["user-agent"] == "Heed"
    [delivery] = deliveries(cast)
    assert (delivery.state, delivery.status, delivery.answer) == ("delivered", 200, "thank you")
    assert got.headers["webhook-id"] == delivery.message_id
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(got.body + b" ", got.headers)


def test_the_same_is_told_once_and_only_to_who_hears_of_it(cast: Cast, server: Receiver) -> None:
    listen(cast, server, "case.opened")
    listen(cast, server, "case.closed", key="other")
    assert [told(cast), told(cast), told(cast, reference="2"), told(cast, "case.breached")] == [1, 0, 1, 0]
    assert carry_due(cast) == 2


def test_nobody_is_asked_for_what_nobody_hears(cast: Cast) -> None:
    def never() -> dict[str, Any]:
        raise AssertionError("asked for")

    with cast.scope():
        assert service.queue_event("case.opened", "1", clock.now(), never) == 0


def test_a_retry_has_the_same_id_and_a_new_time(cast: Cast, server: Receiver) -> None:
    secret = listen(cast, server)
    told(cast)
    server.status = 500
    carry_due(cast)
    assert deliveries(cast)[0].state == "waiting" and carry_due(cast) == 0
    server.status = 200
    later = WAITS[0].total_seconds() * 1.2 + 1
    clock.shift(round(later))
    assert carry_due(cast) == 1
    first, second = server.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] and first.body == second.body
    assert int(second.headers["webhook-timestamp"]) >= int(first.headers["webhook-timestamp"]) + 5
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert Webhook(secret).verify(second.body, second.headers)
    assert deliveries(cast)[0].attempts == 2 and endpoint(cast).failing_since is None


def test_what_is_never_taken_is_given_up_and_can_be_replayed(cast: Cast, server: Receiver) -> None:
    listen(cast, server)
    told(cast)
    server.status, server.body = 500, b"<script>no</script>"
    fail_to_the_end(cast)
    [dead] = deliveries(cast)
    assert dead.state == "dead" and dead.attempts == len(WAITS) + 1 == len(server.requests)
    assert dead.answer == "<script>no</script>" and carry_due(cast) == 0
    with cast.scope():
        assert queries.count_troubles() == 1
        assert service.replay_dead("hook") == 1
        with pytest.raises(Conflict):
            service.replay("hook", dead.id)
    server.status = 200
    assert carry_due(cast) == 1
    assert {got.headers["webhook-id"] for got in server.requests} == {dead.message_id}
    with cast.scope():
        assert queries.count_troubles() == 0
        assert service.replay("hook", dead.id).state == "waiting"
    assert carry_due(cast) == 1 and deliveries(cast)[0].state == "delivered"


def test_what_was_given_up_can_be_forgotten(cast: Cast, server: Receiver) -> None:
    listen(cast, server)
    told(cast)
    with cast.scope(), atomic() as session:
        session.execute(update(WebhookDelivery).values(state="dead", ended_at=clock.now()))
    with cast.scope():
        assert service.discard_dead("hook") == 1 and queries.count_troubles() == 0
    assert deliveries(cast) == []


def test_gone_switches_off_at_once_and_a_new_start_is_clean(cast: Cast, server: Receiver) -> None:
    listen(cast, server)
    told(cast)
    told(cast, reference="2")
    server.status = 410
    carry_due(cast)
    found = endpoint(cast)
    assert (found.is_active, found.disabled_reason) == (False, "gone")
    assert [row.state for row in deliveries(cast)] == ["dead", "dead"] and len(server.requests) <= 2
    assert told(cast, reference="3") == 0
    with cast.scope():
        with pytest.raises(Conflict):
            service.replay_dead("hook")
        service.put_endpoint("hook", EndpointInput(server.url, KINDS))
        assert service.replay_dead("hook") == 2
    server.status = 200
    carry_due(cast)
    found = endpoint(cast)
    assert (found.is_active, found.disabled_reason, found.failing_since) == (True, None, None)


def fail_to_the_end(cast: Cast, begun: float = 0.0) -> float:
    """Carry what is due for as long as a delivery is tried, from `begun` (seconds of shift); returns its end."""
    for wait in [*WAITS, timedelta()]:
        carry_due(cast)
        begun += wait.total_seconds() * 1.2 + 1
        clock.shift(round(begun))
    return begun


def test_days_of_nothing_but_failures_switch_off(cast: Cast, server: Receiver) -> None:
    listen(cast, server)
    server.status = 500
    told(cast)
    fail_to_the_end(cast)
    assert deliveries(cast)[0].state == "dead" and endpoint(cast).is_active, "two days are not five"
    clock.shift(round(FAILING_FOR.total_seconds()))
    told(cast, reference="2")
    assert carry_due(cast) == 1 and endpoint(cast).is_active, "a single failure, however long after the one before"
    fail_to_the_end(cast, FAILING_FOR.total_seconds())
    found = endpoint(cast)
    assert (found.is_active, found.disabled_reason) == (False, "failing")


def test_another_address_starts_with_a_clean_slate(cast: Cast, server: Receiver) -> None:
    listen(cast, server)
    told(cast)
    with cast.scope():
        [under_way] = service.claim_due(1)
    server.status = 410
    with cast.scope():
        service.put_endpoint("hook", EndpointInput(server.url + "/new", KINDS))
        service.carry(under_way)
    found = endpoint(cast)
    assert (found.is_active, found.failing_since) == (True, None), "what the old address says is not the new one's"
    server.status = 500
    told(cast, reference="2")
    carry_due(cast)
    assert endpoint(cast).failing_since is not None
    with cast.scope():
        service.put_endpoint("hook", EndpointInput(server.url + "/new", KINDS[:1]))
        assert queries.get_endpoint("hook").failing_since is not None
        service.put_endpoint("hook", EndpointInput(server.url, KINDS))
    assert endpoint(cast).failing_since is None


def test_both_secrets_sign_while_one_is_replaced(cast: Cast, server: Receiver) -> None:
    old = listen(cast, server)
    with cast.scope():
        new = service.rotate_secret("hook")
    assert new != old
    told(cast)
    carry_due(cast)
    for secret in (old, new):
        assert Webhook(secret).verify(server.requests[0].body, server.requests[0].headers)
    clock.shift(round(OLD_SECRET_FOR.total_seconds()) + 1)
    told(cast, reference="2")
    carry_due(cast)
    got = server.requests[1]
    assert len(got.headers["webhook-signature"].split()) == 1


def test_under_another_secret_key_a_try_ends_and_a_new_secret_signs(
    cast: Cast, server: Receiver, settings: Settings
) -> None:
    listen(cast, server)
    told(cast)
    sealing.init("another secret key of the installation")
    try:
        assert carry_due(cast) == 1
        [row] = deliveries(cast)
        assert (row.state, row.error) == ("waiting", "The secret can be read no more; make a new one.")
        assert row.claimed_until is None and server.requests == [] and endpoint(cast).failing_since is not None
        with cast.scope():
            new = service.rotate_secret("hook")
        clock.shift(60)
        assert carry_due(cast) == 1 and deliveries(cast)[0].state == "delivered"
        [got] = server.requests
        assert len(got.headers["webhook-signature"].split()) == 1 and Webhook(new).verify(got.body, got.headers)
    finally:
        sealing.init(settings.secret_key)


def test_no_secret_stands_in_the_database(cast: Cast, server: Receiver) -> None:
    secret = listen(cast, server)
    row = vars(endpoint(cast))
    assert secret not in str(row) and secret.removeprefix("whsec_") not in str(row)


def test_a_kill_after_the_sending_sends_again_under_the_same_id(cast: Cast, server: Receiver) -> None:
    listen(cast, server)
    told(cast)
    with cast.scope():
        [killed] = service.claim_due(10)
    with cast.scope():
        service.carrying._send(killed)
        assert service.claim_due(10) == []
    clock.shift(round(service.carrying.LEASE.total_seconds()) + 1)
    assert carry_due(cast) == 1
    first, second = server.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] and first.body == second.body
    server.status = 500
    with cast.scope():
        service.carry(killed)
    [row] = deliveries(cast)
    assert (row.state, row.status, row.attempts) == ("delivered", 200, 2), "a lost claim records nothing"
    assert endpoint(cast).failing_since is None


def test_what_somebody_has_claimed_is_nobody_else_s(cast: Cast, server: Receiver) -> None:
    listen(cast, server)
    for number in range(6):
        told(cast, reference=str(number))
    claims: list[Any] = []
    with cast.scope():
        claims += service.claim_due(1) + service.claim_due(2)
    assert len({one.id for one in claims}) == 3

    def claim() -> None:
        with cast.app.app_context(), cast.scope():
            claims.extend(service.claim_due(10))

    threads = [threading.Thread(target=claim) for _turn in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.id for one in claims}) == len(claims) == service.carrying.PER_ENDPOINT


@pytest.mark.parametrize("url", TEXTS)
def test_where_nobody_may_go_is_refused_when_it_is_saved(cast: Cast, url: str) -> None:
    with cast.scope():
        with pytest.raises(Invalid) as refused:
            service.put_endpoint("hook", EndpointInput(url, KINDS))
        assert [fault.pointer for fault in refused.value.faults] == ["/url"]
        assert queries.list_endpoints() == []


@pytest.mark.parametrize("numbers", [numbers for numbers in NAMES if numbers])
def test_a_name_that_leads_inside_is_refused_when_saved_tried_and_used(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, numbers: list[str]
) -> None:
    url = "https://hooks.example.com/"
    answers = [numbers, ["93.184.216.34"], numbers, numbers]
    monkeypatch.setattr(client, "lookup", lambda _host, _port: answers.pop(0))
    monkeypatch.setattr(client.socket, "create_connection", None)
    with cast.scope():
        with pytest.raises(Invalid):
            service.put_endpoint("hook", EndpointInput(url, KINDS))
        service.put_endpoint("hook", EndpointInput(url, KINDS))
        service.send_test("hook")
    told(cast)
    assert carry_due(cast) == 2 and answers == []
    for row in deliveries(cast):
        assert row.status is None and row.error is not None and "public internet" in row.error


@pytest.mark.parametrize("url", TEXTS)
def test_where_nobody_may_go_is_refused_when_tried_and_used(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """Also when it stands in the database already, by whatever way it came there."""
    monkeypatch.setattr(client, "lookup", None)
    monkeypatch.setattr(client.socket, "create_connection", None)
    with cast.scope():
        good = EndpointInput("https://8.8.8.8/", KINDS)
        service.put_endpoint("hook", good)
        with atomic() as session:
            session.execute(update(WebhookEndpoint).values(url=url.replace("\0", "%00")))
        service.send_test("hook")
    told(cast)
    assert carry_due(cast) == 2
    assert all(row.error and row.status is None for row in deliveries(cast))


def test_a_test_is_tried_once_and_switches_nothing_off(cast: Cast, server: Receiver) -> None:
    secret = listen(cast, server)
    with cast.scope():
        service.send_test("hook")
    server.status = 410
    assert carry_due(cast) == 1
    [row] = deliveries(cast)
    assert (row.kind, row.state, row.status) == ("test", "dead", 410) and endpoint(cast).is_active
    assert Webhook(secret).verify(server.requests[0].body, server.requests[0].headers)["data"] == {"webhook": "hook"}
    with cast.scope():
        assert queries.count_troubles() == 0


def test_endpoints_are_checked_and_bounded(cast: Cast, others: Cast, server: Receiver) -> None:
    with cast.scope():
        for key, kinds in (("A B", KINDS), ("hook", ()), ("hook", ("case.deleted",)), ("hook", ("test",))):
            with pytest.raises(Invalid):
                service.put_endpoint(key, EndpointInput(server.url, kinds))
        for number in range(20):
            service.put_endpoint(f"hook-{number}", EndpointInput(server.url, KINDS))
        with pytest.raises(Conflict):
            service.put_endpoint("one-more", EndpointInput(server.url, KINDS))
        with pytest.raises(Conflict):
            service.add_endpoint("hook-1", EndpointInput(server.url, KINDS))
    with others.scope(), pytest.raises(NotFound):
        queries.get_endpoint("hook-1")


def test_the_same_added_twice_at_once_is_made_once_and_shown_once(
    cast: Cast, server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2)
    monkeypatch.setattr(service.endpoints, "resolve", lambda *_address: both.wait(30))
    given = EndpointInput(server.url, KINDS)
    made = at_once(cast, *[lambda: service.add_endpoint("hook", given)] * 2)
    [refused] = [one for one in made if isinstance(one, Conflict)]
    assert [fault.pointer for fault in refused.faults] == ["/key"]
    [(_endpoint, secret)] = [one for one in made if not isinstance(one, Exception)]
    told(cast)
    carry_due(cast)
    assert Webhook(secret).verify(server.requests[0].body, server.requests[0].headers)


def test_two_at_once_are_not_one_too_many(cast: Cast, server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    given = EndpointInput(server.url, KINDS)
    with cast.scope():
        for number in range(MOST_ENDPOINTS - 1):
            service.put_endpoint(f"hook-{number}", given)
    insert, both = service.endpoints.find_or_insert, threading.Barrier(2)

    def inserted_together(*what: Any) -> Any:
        made = insert(*what)
        both.wait(30)
        return made

    monkeypatch.setattr(service.endpoints, "find_or_insert", inserted_together)
    made = at_once(cast, *[partial(service.put_endpoint, key, given) for key in ("one", "other")])
    assert sorted(isinstance(one, Conflict) for one in made) == [False, True]
    with cast.scope():
        assert len(queries.list_endpoints()) == MOST_ENDPOINTS


def test_old_deliveries_are_forgotten_though_nothing_more_is_told(cast: Cast, server: Receiver) -> None:
    listen(cast, server)
    told(cast)
    carry_due(cast)
    told(cast, reference="2")
    clock.shift(20 * 86_400)
    carry_due(cast)
    cast.run_jobs()
    assert len(deliveries(cast)) == 2
    for days, left in ((30.1, 1), (31.2, 1), (49.9, 1), (51.2, 0)):
        clock.shift(int(days * 86_400))
        cast.run_jobs()
        assert (days, len(deliveries(cast))) == (days, left)
    with cast.scope():
        planned = [row for row in db.session.scalars(select(OutboxRow)) if row.job == "forget_deliveries"]
        assert planned and all(row.done_at for row in planned), "nobody looks for what is not there"


def test_what_was_told_is_looked_after_once(cast: Cast, server: Receiver) -> None:
    listen(cast, server)
    for number in range(3):
        told(cast, reference=str(number))
    with cast.scope():
        service.send_test("hook")
        assert [row.job for row in db.session.scalars(select(OutboxRow))].count("forget_deliveries") == 1


def test_how_far_behind_the_courier_is_can_be_seen(cast: Cast, server: Receiver) -> None:
    long_ago = -10 * 365 * 24 * 3600  # when nothing of another test was due
    clock.shift(long_ago)
    listen(cast, server)
    told(cast)
    clock.shift(long_ago + 300)
    assert 300 <= courier.lag_seconds() < 330
    with cast.scope():
        service.claim_due(1)
    behind = courier.lag_seconds()
    carry_due(cast)
    server.status = 500
    told(cast, reference="2")
    carry_due(cast)
    assert behind == courier.lag_seconds() == 0.0, "what is under way, done, or due later does not wait"


def test_one_slow_receiver_holds_up_nobody(
    cast: Cast, others: Cast, server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred deliveries wait at a receiver that never answers. None of its tries ends before the other tenant's
    delivery has arrived, a mail went out and a case was opened."""
    monkeypatch.setattr(client, "MOST_SECONDS", 600.0)
    server.hangs_seconds = 600.0
    with receiver.serve() as quick:
        for number in range(5):
            listen(cast, server, key=f"slow-{number}")
        listen(others, quick)
        for number in range(40):
            assert told(cast, reference=str(number)) == 5
        leaving = threading.Event()
        running = threading.Thread(target=courier.run, args=(cast.app, leaving.is_set))
        running.start()
        try:
            _until(lambda: len(server.requests) == service.carrying.PER_TENANT)
            told(others)
            _until(lambda: len(quick.requests) == 1)
            _send_mail_and_open_case(cast)
            assert len(server.requests) == service.carrying.PER_TENANT
        finally:
            leaving.set()
            server.free.set()
            running.join()
    assert deliveries(others)[0].state == "delivered"


def _send_mail_and_open_case(cast: Cast) -> None:
    """What the worker does meanwhile in the very tenant whose receiver is slow."""
    with smtp.serve(cast.app) as mails, cast.scope():
        queue_message("test", new_id(), "ana@example.com", "Acme", "Hello", "Hello", "<p>Hello</p>")
        response_id = make_answer()
        cast.run_jobs()
        assert len(mails.mails) == 1 and find_case_of_response(response_id) is not None


def _until(condition: Any) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_body_is_kept_as_it_was_told(cast: Cast, server: Receiver) -> None:
    listen(cast, server)
    told(cast, a=1)
    carry_due(cast)
    with cast.scope():
        kept = db.session.scalars(select(WebhookDelivery.body)).one()
    assert kept.encode() == server.requests[0].body and json.loads(kept)["data"] == {"a": 1}


def test_who_failed_the_last_time_gets_one_try_at_a_time_and_no_hand_that_others_need(
    cast: Cast, server: Receiver
) -> None:
    listen(cast, server)
    told(cast)
    server.status = 500
    carry_due(cast)
    for number in range(5):
        told(cast, reference=f"later-{number}")
    with cast.scope():
        assert service.claim_due(10, only_healthy=True) == []
        assert len(service.claim_due(10)) == service.carrying.PER_FAILING == 1
        assert service.claim_due(10) == []
