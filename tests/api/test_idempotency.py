"""A POST under an Idempotency-Key runs once, whatever dies or comes late; what is kept of its answer is little."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Response
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from app.api import idempotency
from app.customers.models import Customer
from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.kernel.outbox_model import OutboxRow
from app.tenants.models import IdempotencyRecord
from tests.cast import ApiClient, Cast

DAY = 24 * 3600


@pytest.fixture(autouse=True)
def clock_put_back() -> Iterator[None]:
    yield
    clock.shift(0)


def post(api: ApiClient, name: str = "ana") -> TestResponse:
    body = {"identifiers": [{"type": "email", "value": f"{name}@example.com"}]}
    return api.post("customers", body, headers={"Idempotency-Key": "order-1"})


def records(cast: Cast) -> list[IdempotencyRecord]:
    with cast.scope():
        return list(db.session.scalars(select(IdempotencyRecord)))


def open_jobs(cast: Cast) -> list[OutboxRow]:
    with cast.scope():
        return list(
            db.session.scalars(select(OutboxRow).where(OutboxRow.job == "forget_answers", OutboxRow.done_at.is_(None)))
        )


def test_an_answer_is_kept_sealed(cast: Cast) -> None:
    api, headers = cast.api(), {"Idempotency-Key": "hook"}
    assert api.put("webhooks/crm", {"url": "https://example.com/heed", "events": ["case.opened"]}).status_code == 201
    made = api.post("webhooks/crm/secrets", headers=headers)
    assert made.status_code == 201 and made.json["secret"].startswith("whsec_")
    [record] = records(cast)
    assert made.json["secret"] not in str(vars(record)) and "case.opened" not in str(vars(record))
    assert api.post("webhooks/crm/secrets", headers=headers).json == made.json


def test_an_answer_that_can_be_read_no_more_is_none(cast: Cast) -> None:
    assert post(cast.api()).status_code == 201
    for unreadable in ("sealed with another SECRET_KEY", None):
        with cast.scope(), atomic() as session:
            session.execute(update(IdempotencyRecord).values(sealed_body=unreadable))
        again = post(cast.api())
        assert again.status_code == 409 and "was done" in again.json["detail"]


def test_answers_are_forgotten_after_a_day_also_when_nobody_comes_again(cast: Cast) -> None:
    api = cast.api()
    assert post(api).status_code == 201
    api.post("customers", {}, headers={"Idempotency-Key": "order-2"})
    assert len(records(cast)) == 2 and 1 <= len(open_jobs(cast)) <= 2  # one an hour, and an hour may just have begun
    cast.run_jobs()
    assert len(records(cast)) == 2
    clock.shift(DAY + 2 * 3600)
    cast.run_jobs()
    assert records(cast) == [] == open_jobs(cast)


def post_and_die(api: ApiClient, patch: pytest.MonkeyPatch) -> None:
    """The verb has committed, and the process is killed before its answer is kept."""
    with patch.context() as dying:
        dying.setattr(idempotency, "finish", lambda response: response)
        assert post(api).status_code == 201


def test_what_died_before_its_answer_was_kept_is_not_run_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    api = cast.api()
    post_and_die(api, monkeypatch)
    assert "still running" in post(api).json["detail"]
    for later in (120, DAY - 60):
        clock.shift(later)
        answer = post(api)
        assert answer.status_code == 409 and "nobody knows whether it was done" in answer.json["detail"]
    assert post(api, "ben").status_code == 422
    with cast.scope():
        assert len(db.session.scalars(select(Customer.id)).all()) == 1
    clock.shift(DAY + 60)
    assert post(api).status_code == 200  # nobody waits for that answer any more; the customer is found


def test_whoever_comes_late_does_not_answer_for_another(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = idempotency.finish

    def late(response: Response) -> Response:
        """The key was forgotten meanwhile, and somebody else has begun under it."""
        with atomic() as session:
            mine = session.scalars(select(IdempotencyRecord)).one()
            fields = {"tenant_id": scope.tenant_id(), "api_key_id": mine.api_key_id, "key": mine.key}
            session.execute(delete(IdempotencyRecord))
            session.add(IdempotencyRecord(**fields, id=new_id(), request_hash="another", created_at=clock.now()))
        return kept(response)

    monkeypatch.setattr(idempotency, "finish", late)
    assert post(cast.api()).status_code == 201
    [theirs] = records(cast)
    assert (theirs.request_hash, theirs.status) == ("another", None)


def test_after_a_fault_of_ours_the_next_try_runs(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(idempotency, "begin", lambda begin=idempotency.begin: begin() or Response(status=500))
        assert post(cast.api()).status_code == 500
    assert records(cast) == []
    assert post(cast.api()).status_code == 201
