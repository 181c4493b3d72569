"""Who came in just before the doors closed is waited for, and who has gone on elsewhere is not forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import update

from app.custody.departing import aftermath, queries, rules, service
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.outbox_model import DirectoryOutboxRow
from app.kernel.scope import directory_scope, tenant_scope
from app.runtime import embedded
from app.tenants.models import AuditEvent, Membership, User
from tests.cast import Cast
from tests.custody.leaving import WEEK, asked, found, run_directory_jobs


@pytest.fixture(autouse=True)
def clock_is_put_back() -> Iterator[None]:
    yield
    clock.shift(0)


def test_nothing_is_said_to_be_gone_while_somebody_may_be_under_way(cast: Cast) -> None:
    """Whoever was let in a moment before commits a moment after."""
    departure_id = asked(cast)
    clock.shift(WEEK)
    run_directory_jobs()
    departure = found(departure_id)
    assert (departure.closed_at is not None, departure.ended_at) == (True, None)
    with cast.scope():
        assert sum(queries.count_left(cast.tenant_id).values()) == 0, "what was there goes at once"
        with atomic() as session:
            session.add(AuditEvent(at=clock.now(), actor_kind="system", actor_label="", action="x.y",
                                   subject_type="x", subject_id="1"))  # fmt: skip
    clock.shift(WEEK + 50)
    run_directory_jobs()
    assert found(departure_id).ended_at is None
    clock.shift(WEEK + 70)
    run_directory_jobs()
    departure = found(departure_id)
    assert departure.ended_at is not None and departure.closed_at is not None
    assert departure.ended_at - departure.closed_at >= rules.UNDER_WAY == timedelta(minutes=1)
    assert departure.removed["audit_events"] > 1
    with cast.scope():
        assert sum(queries.count_left(cast.tenant_id).values()) == 0


def test_who_goes_on_elsewhere_at_that_moment_keeps_their_log_in(
    cast: Cast, others: Cast, services: embedded.Services
) -> None:
    with cast.scope(), atomic() as session:
        lone = User(
            email=f"lone@{cast.slug}.example", name="Lone", password_hash="x", state_key="lone", created_at=clock.now()
        )
        session.add(lone)
        session.flush()
        user_id = lone.id
    added, watched = threading.Event(), threading.Event()

    def join() -> None:
        with cast.app.app_context(), tenant_scope(others.tenant_id), atomic() as session:
            session.add(Membership(user_id=user_id, role="viewer", created_at=clock.now()))
            session.flush()
            added.set()
            watched.wait()

    def forget() -> None:
        added.wait()
        with cast.app.app_context(), directory_scope(user_id):
            aftermath._forget_unless_needed(user_id)

    threads = [threading.Thread(target=work) for work in (join, forget)]
    for thread in threads:
        thread.start()
    try:
        with psycopg.connect(services.superuser_url, dbname="heed", autocommit=True) as looking:
            waits = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock')"
            while looking.execute(waits).fetchone() != (True,):
                assert threads[1].is_alive(), "it has to wait for whoever adds them"
    finally:
        watched.set()
        for thread in threads:
            thread.join()
    with directory_scope():
        user = db.session.get_one(User, user_id)
        assert (user.name, user.is_active) == ("Lone", True)


def test_a_removal_that_was_given_up_is_taken_up_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with directory_scope():
        departure_id = service.remove_now(cast.tenant_id)
    with monkeypatch.context() as patch:
        patch.setattr(service, "_remove_all", lambda *_given: False)
        patch.setattr(service, "publish", lambda *_given, **_more: None)  # whoever would go on is dead
        with directory_scope():
            assert service.delete_tenant(departure_id) is False
    forget_what_waits(departure_id)
    with directory_scope():
        assert service.remove_now(cast.tenant_id) == departure_id
    clock.shift(61)
    run_directory_jobs()
    assert found(departure_id).ended_at is not None


def forget_what_waits(departure_id: UUID) -> None:
    """As if its job had been given up."""
    with directory_scope(), atomic() as session:
        mine = DirectoryOutboxRow.payload["departure_id"].astext == str(departure_id)
        waiting = update(DirectoryOutboxRow).where(mine, DirectoryOutboxRow.done_at.is_(None))
        session.execute(waiting.values(dead_at=clock.now()))
