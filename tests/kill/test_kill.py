"""Nothing is lost: the service is killed again and again under load, and every count of the ledger is zero after it.

Then the same with a planted fault, which the counts must find: a kill test that cannot fail proves nothing.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kill.counts import Database, count, count_missing_work
from tests.kill.load import Ledger, Load
from tests.kill.service import Service, open_home
from tests.kill.sink import Sink
from tests.receiver import Receiver, serve

pytestmark = pytest.mark.timeout(420)

SEED = 7
KILLS = ["web", "worker-1", "scheduler", "redis", "postgres", "worker-2", "web", "redis", "worker-1", "postgres"]
KILLS += ["scheduler", "worker-2", "postgres"]
WHO_HANDS_OVER = ("worker", "scheduler")
TWELVE_DAYS = 12 * 24 * 3600
"""Past every clock of a case and every lease, before the expiry of an invitation (14 days)."""


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return open_home(tmp_path_factory, "kill")


@dataclass
class Aftermath:
    """What is left when the kills are over and everything that was owed has been done."""

    ledger: Ledger
    database: Database
    hit: int
    found: dict[str, int]


def _storm(service: Service, sink: Sink, told: Receiver, kills: Sequence[str | tuple[str, ...]]) -> Aftermath:
    """Run the load while the kills happen; then everything that is owed is done, with the clock twelve days ahead."""
    chance = random.Random(SEED)
    service.start()
    password = "a password for the test"
    made = json.loads(
        service.command(
            "tenant", "create", "kill", "--name", "K", "--admin", "k@example.com", "--password", password, "--json"
        )
    )
    load = Load(service.url, made["api_key"], sink, told.url)
    load.prepare()
    hit = 0
    with load:
        for name in kills:
            service.wait_until_back()
            time.sleep(chance.uniform(0.8, 1.8))
            if "worker" in str(name):
                sink.wait_for_a_mail()  # a worker that only starts has nothing to lose
            hit += service.kill(name, chance)
        service.wait_until_back()
        time.sleep(2)
    # Done work is forgotten after seven days: what had to be written down is counted before the jump.
    missing = count_missing_work(Database(service.facts()["database_owner_url"], made["tenant_id"]))
    service.stop()
    service.start(clock_offset_seconds=TWELVE_DAYS)
    database = Database(service.facts()["database_owner_url"], made["tenant_id"])
    _drain(database)
    return Aftermath(load.ledger, database, hit, count(load.ledger, sink, told, database) | missing)


def _drain(database: Database) -> None:
    """Wait until nothing is due by the shifted clock, at most two minutes without progress."""
    due = (
        "SELECT (SELECT count(*) FROM outbox"
        " WHERE done_at IS NULL AND dead_at IS NULL AND due_at <= now() + interval '12 days')"
        " + (SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting')"
    )
    left, since = database.one(due), time.monotonic()
    while left and time.monotonic() - since < 60:
        time.sleep(0.5)
        now = database.one(due)
        if now < left:
            left, since = now, time.monotonic()


def test_nothing_is_lost_or_doubled(home: Path) -> None:
    with Sink(0.0, 0.06) as sink, serve() as told:
        service = Service(home, sink.url)
        try:
            after = _storm(service, sink, told, KILLS)
            uncertain = after.database.one("SELECT count(*) FROM messages WHERE state = 'uncertain'")
            service.stop()
        finally:
            service.kill_all()
    assert after.hit >= 12, f"only {after.hit} kills hit a running process"
    assert len(after.ledger.responses) > 50
    assert len(after.ledger.interactions) > 20
    assert after.ledger.by_link
    assert {name: number for name, number in after.found.items() if number} == {}
    assert uncertain <= after.hit
    assert len(told.requests) - len({request.headers["webhook-id"] for request in told.requests}) <= after.hit


def test_a_planted_fault_is_found(home: Path) -> None:
    """The mark of a begun hand-over is ignored: a mail that a killed worker had handed over goes out again."""
    fault = str(Path(__file__).parent / "faults" / "resend")
    with Sink(0.2, 0.3) as sink, serve() as told:
        service = Service(home, sink.url, fault)
        try:
            after = _storm(service, sink, told, [WHO_HANDS_OVER] * 2)
        finally:
            service.kill_all()
    assert after.found["I5 mails sent twice"] > 0
