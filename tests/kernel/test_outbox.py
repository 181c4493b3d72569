"""The outbox: what a committed transaction owes is run by one at a time, again after a failure, and never forgotten."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from redis import Redis
from redis.exceptions import ConnectionError as RedisDown
from sqlalchemy import delete, select, update

from app.config import Settings
from app.kernel import clock, events, outbox, queue, sweeper
from app.kernel.db import atomic, db
from app.kernel.events import DirectoryEvent, Event, publish
from app.kernel.outbox_model import DirectoryOutboxRow, OutboxRow
from app.kernel.scope import ScopeError, directory_scope, find_tenant_id
from app.runtime.commands import work
from tests.cast import Cast


@dataclass(frozen=True)
class BellRang(Event):
    """An event of this test only."""

    word: str


@dataclass(frozen=True)
class DoorRang(DirectoryEvent):
    """An event of no tenant."""

    word: str


class Bell:
    """Its one job, which remembers what it heard and can be told to fail."""

    def __init__(self) -> None:
        self.heard: list[tuple[UUID, str]] = []
        self.fails = 0
        self.lock = threading.Lock()

    def hear_bell(self, tenant_id: UUID, *, word: str) -> None:
        with self.lock:
            if self.fails:
                self.fails -= 1
                raise RuntimeError("the bell is cracked")
            self.heard.append((tenant_id, word))

    def hear_door(self, *, word: str) -> None:
        assert find_tenant_id() is None
        self.hear_bell(UUID(int=0), word=word)


class _Slow(list[tuple[UUID, str]]):
    """A list that takes its time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def append(self, heard: tuple[UUID, str]) -> None:
        time.sleep(self.seconds)
        super().append(heard)


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bell]:
    made = Bell()
    jobs = {BellRang: (made.hear_bell,), DoorRang: (made.hear_door,)}
    monkeypatch.setattr(events, "_jobs", events._jobs | jobs)
    monkeypatch.setattr(
        events, "_by_name", {**events._by_name, "hear_bell": made.hear_bell, "hear_door": made.hear_door}
    )
    yield made


def _ring(cast: Cast, word: str = "ding", **options: Any) -> None:
    with cast.scope(), atomic():
        publish(BellRang(word), **options)


def _rows(cast: Cast) -> list[OutboxRow]:
    with cast.scope():
        return list(db.session.scalars(select(OutboxRow).where(OutboxRow.job == "hear_bell")))


def _free(cast: Cast) -> None:
    """Let every lease of the tenant have run out."""
    with cast.scope(), atomic() as session:
        session.execute(update(OutboxRow).values(claimed_until=clock.now() - timedelta(seconds=1), due_at=clock.now()))


def test_a_published_event_runs_its_job_once(cast: Cast, bell: Bell) -> None:
    _ring(cast)
    cast.run_jobs()
    cast.run_jobs()
    assert bell.heard == [(cast.tenant_id, "ding")]
    (row,) = _rows(cast)
    assert row.done_at is not None
    assert row.attempts == 1


def test_a_rolled_back_transaction_owes_nothing(cast: Cast, bell: Bell) -> None:
    with pytest.raises(RuntimeError), cast.scope(), atomic():
        publish(BellRang("lost"))
        raise RuntimeError
    assert _rows(cast) == []


def test_publishing_needs_a_tenant(app: object, bell: Bell) -> None:
    with pytest.raises(ScopeError), atomic():
        publish(BellRang("nowhere"))


def test_work_waits_until_it_is_due(cast: Cast, bell: Bell) -> None:
    _ring(cast, due_at=clock.now() + timedelta(hours=1))
    assert cast.run_jobs() == 0
    assert cast.tenant_id not in outbox.due_tenants()


def test_history_lets_what_happens_now_go_first(cast: Cast, bell: Bell) -> None:
    with cast.scope(), atomic():
        for number in range(outbox.BATCH + 5):
            publish(BellRang(f"long ago {number}"), is_history=True)
    _ring(cast, "now")
    cast.run_jobs()
    heard = [word for _tenant_id, word in bell.heard]
    assert heard[:2] == ["now", "long ago 0"]
    assert len(heard) == outbox.BATCH + 6


def test_a_failed_job_is_tried_again_later(cast: Cast, bell: Bell) -> None:
    bell.fails = 1
    _ring(cast)
    outbox.drain_place(cast.tenant_id, float("inf"))
    (row,) = _rows(cast)
    assert row.done_at is None
    assert row.last_error == "RuntimeError: the bell is cracked"
    assert timedelta(seconds=2) < row.due_at - clock.now() < timedelta(seconds=8)
    _free(cast)
    cast.run_jobs()
    assert len(bell.heard) == 1


def test_a_job_that_never_succeeds_is_given_up_and_shown(cast: Cast, bell: Bell) -> None:
    bell.fails = 99
    _ring(cast)
    with cast.scope(), atomic() as session:
        session.execute(update(OutboxRow).values(attempts=outbox.MOST_ATTEMPTS - 1))
    outbox.drain_place(cast.tenant_id, float("inf"))
    (row,) = _rows(cast)
    assert row.dead_at is not None
    with cast.scope():
        assert outbox.list_failed() == [("hear_bell", "RuntimeError: the bell is cracked")]
    assert outbox.given_up()[cast.tenant_id] == outbox.given_up(row.dead_at)[cast.tenant_id] == 1
    assert cast.tenant_id not in outbox.given_up(row.dead_at + timedelta(seconds=1))
    told = CliRunner().invoke(work, ["failed"], standalone_mode=False)
    assert told.return_value == 1
    assert f"tenant {cast.tenant_id}: hear_bell: RuntimeError: the bell is cracked\n" in told.output


def test_two_drains_at_once_run_a_row_once(cast: Cast, bell: Bell) -> None:
    for number in range(30):
        _ring(cast, str(number))

    def work() -> None:
        with cast.app.app_context():
            outbox.drain_place(cast.tenant_id, float("inf"))

    threads = [threading.Thread(target=work) for _worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cast.run_jobs()
    assert sorted(word for _tenant, word in bell.heard) == sorted(str(number) for number in range(30))


def test_a_worker_that_died_leaves_a_lease_that_runs_out(cast: Cast, bell: Bell) -> None:
    _ring(cast)
    with cast.scope():
        outbox._claim(cast.tenant_id)  # and the process is killed here
    assert cast.run_jobs() == 0
    assert bell.heard == []
    _free(cast)
    cast.run_jobs()
    assert len(bell.heard) == 1


def test_a_late_worker_does_not_end_the_row_of_its_successor(cast: Cast, bell: Bell) -> None:
    _ring(cast)
    with cast.scope():
        (late,) = outbox._claim(cast.tenant_id)
    _free(cast)
    with cast.scope():
        (successor,) = outbox._claim(cast.tenant_id)
    outbox._run(cast.tenant_id, late)
    (row,) = _rows(cast)
    assert (row.done_at, row.attempts) == (None, successor.attempts)


def test_one_failing_tenant_does_not_stop_the_others(cast: Cast, others: Cast, bell: Bell, monkeypatch: Any) -> None:
    _ring(cast, "ours")
    _ring(others, "theirs")
    drain_tenant = outbox.drain_place

    def broken(tenant_id: UUID, end: float) -> int:
        if tenant_id == cast.tenant_id:
            raise RuntimeError("this tenant is broken")
        return drain_tenant(tenant_id, end) if tenant_id == others.tenant_id else 0

    monkeypatch.setattr(outbox, "drain_place", broken)
    outbox.drain(budget_seconds=5)
    assert [word for _tenant, word in bell.heard] == ["theirs"]


def test_a_drain_at_its_end_claims_nothing_that_it_will_not_run(
    cast: Cast, others: Cast, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "due_places", lambda: [cast.tenant_id, others.tenant_id])
    monkeypatch.setattr(bell, "heard", _Slow(0.3))
    _ring(cast)
    _ring(others)
    assert outbox.drain(budget_seconds=0.2) == 1
    assert [row.claimed_until for row in _rows(others)] == [None]


def test_what_was_claimed_and_not_begun_is_given_back(cast: Cast, bell: Bell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "due_places", lambda: [cast.tenant_id])
    monkeypatch.setattr(outbox, "_START_WITHIN_SECONDS", 0.2)
    monkeypatch.setattr(bell, "heard", _Slow(0.3))
    _ring(cast, "first")
    _ring(cast, "second")
    assert outbox.drain(budget_seconds=0.1) == 1
    assert bell.heard == [(cast.tenant_id, "first")]
    # A try that was not made is none: behind slow jobs a row would else be given up after few real ones.
    assert [(row.claimed_until, row.attempts) for row in _rows(cast) if row.done_at is None] == [(None, 0)]


def test_what_was_given_back_is_no_longer_that_of_its_first_holder(cast: Cast, bell: Bell) -> None:
    _ring(cast)
    with cast.scope():
        early = outbox._claim(cast.tenant_id)
    _free(cast)
    with cast.scope():
        later = outbox._claim(cast.tenant_id)
        outbox._give_back(cast.tenant_id, later)
        (again,) = outbox._claim(cast.tenant_id)
        outbox._give_back(cast.tenant_id, early)
    (row,) = _rows(cast)
    assert row.claimed_until is not None and row.attempts == again.attempts == 2


def test_the_lag_is_that_of_the_oldest_due_row(cast: Cast, bell: Bell) -> None:
    _ring(cast, due_at=clock.now() - timedelta(minutes=3))
    assert outbox.lag_seconds() >= 180


def test_done_rows_are_forgotten_after_a_week(cast: Cast, bell: Bell) -> None:
    _ring(cast)
    cast.run_jobs()
    with cast.scope(), atomic() as session:
        session.execute(update(OutboxRow).values(done_at=clock.now() - timedelta(days=8)))
    cast.run_jobs()
    assert _rows(cast) == []


# --- the jobs of no tenant ---


@pytest.fixture
def door(app: object, bell: Bell) -> Iterator[Bell]:
    """The bell, and nothing of no tenant waiting before or after."""
    with directory_scope(), atomic() as session:
        session.execute(delete(DirectoryOutboxRow))
    yield bell
    with directory_scope(), atomic() as session:
        session.execute(delete(DirectoryOutboxRow))


def _ring_at_the_door(word: str = "ding", **options: Any) -> None:
    with directory_scope(), atomic():
        publish(DoorRang(word), **options)


def _at_the_door() -> list[DirectoryOutboxRow]:
    with directory_scope():
        return list(db.session.scalars(select(DirectoryOutboxRow)))


def test_a_job_of_no_tenant_runs_once_and_in_no_tenant(door: Bell) -> None:
    assert outbox.due_places()[:1] != [None]
    _ring_at_the_door()
    assert outbox.due_places()[0] is None
    assert outbox.drain_place(None, float("inf")) == 1
    assert outbox.drain_place(None, float("inf")) == 0
    assert door.heard == [(UUID(int=0), "ding")]


def test_a_job_of_no_tenant_is_tried_again_later(door: Bell) -> None:
    door.fails = 1
    _ring_at_the_door()
    outbox.drain_place(None, float("inf"))
    (row,) = _at_the_door()
    assert (row.done_at, row.claimed_until, row.attempts) == (None, None, 1)
    assert row.due_at > clock.now() and row.last_error == "RuntimeError: the bell is cracked"
    assert outbox.due_places()[:1] != [None]


def test_a_job_of_no_tenant_that_never_succeeds_is_shown_too(door: Bell) -> None:
    door.fails = 1
    _ring_at_the_door()
    with directory_scope(), atomic() as session:
        session.execute(update(DirectoryOutboxRow).values(attempts=outbox.MOST_ATTEMPTS - 1))
    assert None not in outbox.given_up()
    outbox.drain_place(None, float("inf"))
    assert outbox.given_up()[None] == 1
    assert ("no tenant", "hear_door", "RuntimeError: the bell is cracked") in outbox.list_troubles()


def test_a_job_of_no_tenant_may_be_asked_for_inside_one_and_goes_with_its_transaction(cast: Cast, door: Bell) -> None:
    with cast.scope(), pytest.raises(ZeroDivisionError), atomic():
        publish(DoorRang("never"))
        raise ZeroDivisionError
    assert _at_the_door() == []
    with cast.scope(), atomic():
        publish(DoorRang("ding"))
    assert [row.payload for row in _at_the_door()] == [{"word": "ding"}]


def test_the_lag_counts_jobs_of_no_tenant(door: Bell) -> None:
    _ring_at_the_door(due_at=clock.now() - timedelta(minutes=7))
    assert outbox.lag_seconds() >= 420


def test_a_tenants_event_is_refused_outside_a_tenant(door: Bell) -> None:
    with directory_scope(), pytest.raises(ScopeError), atomic():
        publish(BellRang("ding"))


# --- waking somebody ---


def test_a_wake_up_is_content_free_and_bounded(cast: Cast, bell: Bell, settings: Settings) -> None:
    redis = Redis.from_url(settings.redis_url)
    redis.delete(f"rq:queue:{queue.QUEUE_NAME}")
    for number in range(20):
        _ring(cast, str(number))
    waiting = redis.lrange(f"rq:queue:{queue.QUEUE_NAME}", 0, -1)
    assert 1 <= len(waiting) <= 5
    stored = redis.hgetall(b"rq:job:" + waiting[0])
    assert b"hear_bell" not in b"".join(stored.values()) and str(cast.tenant_id).encode() not in b"".join(
        stored.values()
    )
    assert b"pickle" not in b"".join(stored.values())
    # An alarm would break off a long job, such as an export, and let it begin again until it is given up.
    assert stored[b"timeout"] == b"-1"


class _NoRedis:
    """A queue whose Redis is away."""

    @property
    def count(self) -> int:
        raise RedisDown("away")

    def enqueue(self, *_args: object, **_options: object) -> None:
        raise RedisDown("away")


def test_without_redis_a_commit_succeeds_and_the_sweeper_does_the_work(
    cast: Cast, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_queue", _NoRedis())
    monkeypatch.setattr(queue, "_quiet_until", 0.0)
    _ring(cast)
    for _round in range(100):  # what other tests have left undone may take its turn before
        sweeper.sweep_once()
        if (cast.tenant_id, "ding") in bell.heard:
            return
    pytest.fail("the sweeper has not done it")
