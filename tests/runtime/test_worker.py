"""The job worker against a real Redis: it finishes what it drains, and losing Redis is only a wait."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.config import Settings
from app.kernel import outbox
from app.runtime import account, embedded, environment
from app.runtime.embedded import REDIS
from app.runtime.processes import stop
from app.runtime.redis_server import RedisServer
from tests.runtime.conftest import Processes, wait_until

# A worker whose drain takes a second and writes when it begins and ends.
WORK = """
import os, time
from flask import Flask
from app.config import load_settings
from app.kernel import outbox
from app.runtime import logs, worker
def drain_job():
    with open(os.environ["JOURNAL"], "a") as journal:
        journal.write("begin\\n")
        journal.flush()
        time.sleep(1)
        journal.write("end\\n")
outbox.drain_job = drain_job
settings = load_settings(database_url="postgresql://nobody/nothing", secret_key="x" * 40)
logs.configure("console")
app = Flask("test")
app.extensions["heed_lanes"] = ()
worker.run(app, settings)
print("left in peace", flush=True)
"""

WAKE = """
from app.config import load_settings
from app.kernel import queue
queue.init(load_settings(database_url="postgresql://nobody/nothing", secret_key="x" * 40))
queue.wake()
"""


class Bench:
    """One Redis, one worker and its journal."""

    def __init__(self, processes: Processes, home: Path, journal: Path) -> None:
        self.processes = processes
        self.home = home
        self.journal = journal
        self.services = embedded.start(home, wanted=[REDIS])
        self.worker = self.python(WORK)
        wait_until(lambda: "the worker is running" in processes.said(), why=processes.said)

    def python(self, code: str) -> subprocess.Popen[bytes]:
        return self.processes.python(code, self.home, REDIS_URL=self.services.redis_url, JOURNAL=str(self.journal))

    def wake(self) -> None:
        assert self.python(WAKE).wait(60) == 0, self.processes.said()

    def lines(self) -> list[str]:
        return self.journal.read_text().splitlines() if self.journal.exists() else []


@pytest.fixture
def bench(processes: Processes, empty_home: Path, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(processes, empty_home, tmp_path / "journal")
    yield made
    made.services.stop()


def test_a_wake_up_makes_the_worker_drain(bench: Bench) -> None:
    bench.wake()
    wait_until(lambda: bench.lines() == ["begin", "end"], why=bench.processes.said)


def test_an_idle_worker_leaves_at_once(bench: Bench) -> None:
    bench.wake()
    wait_until(lambda: bench.lines() == ["begin", "end"], why=bench.processes.said)
    bench.worker.send_signal(signal.SIGTERM)
    assert bench.worker.wait(10) == 0
    assert "left in peace" in bench.processes.said()


def test_a_busy_worker_finishes_its_drain_first(bench: Bench) -> None:
    bench.wake()
    wait_until(lambda: bench.lines() == ["begin"], why=bench.processes.said)
    bench.worker.send_signal(signal.SIGTERM)
    assert bench.worker.wait(20) == 0
    assert bench.lines() == ["begin", "end"]
    assert "left in peace" in bench.processes.said()


def test_a_second_signal_does_not_wait_for_the_drain(bench: Bench) -> None:
    bench.wake()
    wait_until(lambda: bench.lines() == ["begin"], why=bench.processes.said)
    bench.worker.send_signal(signal.SIGTERM)
    bench.worker.send_signal(signal.SIGINT)
    bench.worker.wait(10)
    assert bench.lines() == ["begin"]


def test_a_lost_redis_is_only_a_wait(bench: Bench) -> None:
    bench.wake()
    wait_until(lambda: bench.lines() == ["begin", "end"], why=bench.processes.said)
    _, process = bench.services.running[REDIS]
    process.kill()
    process.wait()
    again = RedisServer(bench.services.sockets, bench.home / "log" / "redis.log", account.service_account(bench.home))
    again.prepare()
    restarted = again.spawn()
    try:
        again.wait_ready(restarted)
        bench.wake()
        wait_until(lambda: bench.lines() == ["begin", "end"] * 2, why=bench.processes.said)
        assert bench.worker.poll() is None
    finally:
        stop(restarted)


def test_a_worker_without_redis_still_leaves_when_told(bench: Bench) -> None:
    bench.services.stop()
    wait_until(lambda: "waiting" in bench.processes.said() or "could not connect" in bench.processes.said())
    bench.worker.send_signal(signal.SIGTERM)
    assert bench.worker.wait(20) == 0


def test_the_scheduler_leaves_when_told(processes: Processes, settings: Settings) -> None:
    given = {**environment.variables(settings), "HEED_TESTING": "1"}
    home = Path(given.pop("HEED_HOME"))
    scheduler = processes.heed("scheduler", home=home, **given)
    wait_until(lambda: "the scheduler is running" in processes.said(), why=processes.said)
    scheduler.send_signal(signal.SIGTERM)
    assert scheduler.wait(20) == 0


def test_a_leaving_process_begins_no_further_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_leaving", threading.Event())
    drained: list[UUID] = []

    def drain_one(tenant_id: UUID, _end: float) -> int:
        drained.append(tenant_id)
        outbox.leave()
        return 1

    monkeypatch.setattr(outbox, "due_places", lambda: [uuid4(), uuid4()])
    monkeypatch.setattr(outbox, "drain_place", drain_one)
    assert outbox.drain() == 1
    assert len(drained) == 1
