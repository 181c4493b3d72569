"""The audit is sealed after each change, by one sealer at a time, and any tampering is found, whoever did it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import NullPool, create_engine

from app.config import Settings
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.kernel.outbox_model import OutboxRow
from app.kernel.scope import Actor, acting
from app.tenants import audit
from app.tenants.trail import checking, queries, rules, service
from app.tenants.trail.commands import audit as command
from app.tenants.trail.rules import Head
from tests.cast import Cast

ALICE = Actor("user", UUID(int=7), "Alice", "192.0.2.1", "Firefox, Linux")


@pytest.fixture
def owner(settings: Settings, services: object) -> Iterator[psycopg.Connection]:
    """Somebody who may write anything into the database."""
    with psycopg.connect(services.superuser_url, dbname="heed", autocommit=True) as connection:
        yield connection


def change(count: int = 1, name: str = "Acme") -> None:
    """Changes of one transaction."""
    with atomic(), acting(ALICE):
        for number in range(count):
            audit.record(
                "settings.changed", "settings", "all", before={"share": 1.5}, after={"name": f"{name} {number}"}
            )


@pytest.fixture
def sealed(cast: Cast) -> Cast:
    """A tenant with a few sealed rows."""
    with cast.scope():
        change(5)
    cast.run_jobs()
    return cast


def verify(cast: Cast, earlier: Head | None = None) -> checking.Report:
    with cast.scope():
        return checking.verify_audit(earlier)


def kinds(cast: Cast, earlier: Head | None = None) -> list[str]:
    return sorted({fault.kind for fault in verify(cast, earlier).faults})


def test_every_row_has_its_seal_once_the_jobs_ran(cast: Cast) -> None:
    with cast.scope():
        change(3)
    waiting = verify(cast)
    assert (waiting.waiting, waiting.faults) == (3, [])
    cast.run_jobs()
    found = verify(cast)
    assert (found.waiting, found.faults) == (0, [])
    assert found.head is not None and found.head.seq == found.seals == waiting.seals + 3


def test_a_transaction_asks_for_its_seals_once(sealed: Cast) -> None:
    def jobs() -> int:
        return db.session.query(OutboxRow).filter_by(job="seal_audit").count()

    with sealed.scope():
        before = jobs()
        with atomic() as session:
            audit.record("settings.changed", "settings", "all", after={"name": "one"})
            savepoint = session.begin_nested()
            audit.record("settings.changed", "settings", "all", after={"name": "two"})
            savepoint.commit()
            audit.record("settings.changed", "settings", "all", after={"name": "three"})
        assert jobs() == before + 1


def test_what_a_savepoint_took_back_has_asked_for_nothing(sealed: Cast) -> None:
    with sealed.scope(), atomic() as session:
        savepoint = session.begin_nested()
        audit.record("settings.changed", "settings", "all", after={"name": "one"})
        savepoint.rollback()
        audit.record("settings.changed", "settings", "all", after={"name": "two"})
    sealed.run_jobs()
    assert verify(sealed).waiting == 0 and kinds(sealed) == []


def test_whoever_commits_late_is_sealed_behind(sealed: Cast, app: Flask) -> None:
    """A transaction that began first and ends last is sealed in the order of sealing."""
    begun, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        with app.app_context(), sealed.scope(), atomic() as session:
            audit.record("settings.changed", "settings", "late", after={"name": "late"})
            session.flush()
            begun.set()
            assert may_end.wait(30)

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(30)
    with sealed.scope():
        change(2, "early")
    sealed.run_jobs()
    seals = verify(sealed).seals
    may_end.set()
    thread.join()
    sealed.run_jobs()
    found = verify(sealed)
    assert (found.seals, found.waiting, found.faults) == (seals + 1, 0, [])
    with sealed.scope():
        head = queries.find_head()
        assert head is not None
        row = db.session.get(audit.AuditEvent, (sealed.tenant_id, head.event_id))
        assert row is not None and row.subject_id == "late"


def test_two_sealers_seal_each_row_once(sealed: Cast, app: Flask) -> None:
    with sealed.scope():
        change(40)
    since, start = clock.now(), threading.Barrier(4)

    def seal() -> None:
        with app.app_context(), sealed.scope():
            start.wait()
            service.seal_audit(since)

    threads = [threading.Thread(target=seal) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify(sealed)
    assert (found.waiting, found.faults) == (0, [])


def test_the_application_can_change_neither_rows_nor_seals(sealed: Cast) -> None:
    """It may delete those of a tenant that goes (tests/custody/test_departing.py), and finds none of any other."""
    for change in ("audit_events SET action = 'x'", "audit_seals SET seq = 1", "audit_words SET word = 'x'"):
        table = change.partition(" ")[0]
        with sealed.scope(), pytest.raises(Exception, match="permission denied"), atomic() as session:
            session.execute(db.text(f"UPDATE {change}"))
        with sealed.scope(), atomic() as session:
            assert session.scalar(db.text(f"SELECT count(*) FROM {table}")) > 0
            assert session.execute(db.text(f"DELETE FROM {table}")).rowcount == 0


# --- what somebody with every right in the database may do ---

OF_SEAL = "tenant_id = '{tenant}' AND seq = 3"
OF_ROW = "tenant_id = '{tenant}' AND id = (SELECT event_id FROM audit_seals WHERE tenant_id = '{tenant}' AND seq = 3)"
TAMPERING: dict[str, tuple[str, list[str]]] = {
    "a changed value": (f'UPDATE audit_events SET after = \'{{{{"name": "x"}}}}\' WHERE {OF_ROW}', ["row_changed"]),
    "another actor": (f"UPDATE audit_events SET actor_label = 'Bob' WHERE {OF_ROW}", ["row_changed"]),
    "another address": (f"UPDATE audit_events SET address = '203.0.113.9' WHERE {OF_ROW}", ["row_changed"]),
    "another browser": (f"UPDATE audit_events SET browser = 'x' WHERE {OF_ROW}", ["row_changed"]),
    "another time": (f"UPDATE audit_events SET at = at + interval '1 microsecond' WHERE {OF_ROW}", ["row_changed"]),
    "a deleted row": (f"DELETE FROM audit_events WHERE {OF_ROW}", ["row_missing"]),
    "a deleted row with its seal": (
        f"DELETE FROM audit_events WHERE {OF_ROW}; DELETE FROM audit_seals WHERE {OF_SEAL}",
        ["seal_missing"],
    ),
    "a deleted row whose gap was closed": (
        f"DELETE FROM audit_events WHERE {OF_ROW}; DELETE FROM audit_seals WHERE {OF_SEAL};"
        " UPDATE audit_seals SET seq = seq - 1000 WHERE tenant_id = '{tenant}' AND seq > 3;"
        " UPDATE audit_seals SET seq = seq + 999 WHERE tenant_id = '{tenant}' AND seq < 0",
        ["chain_broken", "tail_cut"],
    ),
    "a row put in": (
        "INSERT INTO audit_events (tenant_id, id, at, actor_kind, actor_label, action, subject_type, subject_id)"
        " VALUES ('{tenant}', '{new}', now() - interval '1 hour', 'user', 'x', 'x.y', 'x', 'x')",
        ["row_without_seal"],
    ),
    "a row put in with a seal": (
        "INSERT INTO audit_events (tenant_id, id, at, actor_kind, actor_label, action, subject_type, subject_id)"
        " VALUES ('{tenant}', '{new}', now(), 'user', 'x', 'x.y', 'x', 'x');"
        " UPDATE audit_seals SET seq = seq + 1000 WHERE tenant_id = '{tenant}' AND seq > 3;"
        " UPDATE audit_seals SET seq = seq - 999 WHERE tenant_id = '{tenant}' AND seq > 1000;"
        " INSERT INTO audit_seals (tenant_id, id, seq, event_id, row_hash, chain_hash, sealed_at)"
        " VALUES ('{tenant}', '{new}', 4, '{new}', 'x', 'y', now())",
        ["chain_broken", "row_changed"],
    ),
    "two that changed places": (
        "UPDATE audit_seals SET seq = -seq WHERE tenant_id = '{tenant}' AND seq IN (3, 4);"
        " UPDATE audit_seals SET seq = seq + 7 WHERE tenant_id = '{tenant}' AND seq < 0",
        ["chain_broken"],
    ),
    "a seal of another time": (f"UPDATE audit_seals SET sealed_at = now() WHERE {OF_SEAL}", ["chain_broken"]),
    "a tail that was cut off": (
        "DELETE FROM audit_events WHERE id IN (SELECT event_id FROM audit_seals WHERE tenant_id = '{tenant}'"
        " AND seq > 3); DELETE FROM audit_seals WHERE tenant_id = '{tenant}' AND seq > 3",
        ["tail_cut"],
    ),
    "everything": (
        "DELETE FROM audit_events WHERE tenant_id = '{tenant}'; DELETE FROM audit_seals WHERE tenant_id = '{tenant}'",
        ["tail_cut"],
    ),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_found(sealed: Cast, owner: psycopg.Connection, name: str) -> None:
    statement, expected = TAMPERING[name]
    assert kinds(sealed) == []
    owner.execute(statement.format(tenant=sealed.tenant_id, new=new_id()))
    assert kinds(sealed) == expected


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        pytest.param(timedelta(hours=-1), ["seal_misdated"], id="the future"),
        pytest.param(timedelta(hours=1), ["seal_misdated"], id="before the one in front of it"),
        pytest.param(timedelta(minutes=1), [], id="a clock that goes a little after the others"),
    ],
)
def test_a_seal_of_a_time_that_cannot_be_is_found(
    sealed: Cast, owner: psycopg.Connection, back: timedelta, expected: list[str]
) -> None:
    """Though whoever dated it has made the chain fit."""
    with sealed.scope():
        last = queries.find_head()
        assert last is not None
        before = queries.find_seal(last.seq - 1)
        assert before is not None
    then = before.sealed_at - back
    forged = rules.chain_hash(sealed.tenant_id, last.seq, before.chain_hash, last.row_hash, then)
    owner.execute(
        "UPDATE audit_seals SET sealed_at = %s, chain_hash = %s WHERE tenant_id = %s AND seq = %s",
        [then, forged, sealed.tenant_id, last.seq],
    )
    assert kinds(sealed) == expected


def test_no_seal_is_dated_before_the_one_in_front_of_it(sealed: Cast) -> None:
    """When the clock of the machine was put right."""
    try:
        clock.shift(3600)
        with sealed.scope():
            change()
        sealed.run_jobs()
    finally:
        clock.shift(0)
    with sealed.scope():
        ahead = queries.find_head()
        change()
    sealed.run_jobs()
    with sealed.scope():
        last = queries.find_head()
    assert ahead is not None and last is not None
    assert (last.seq, last.sealed_at) == (ahead.seq + 1, ahead.sealed_at)


def test_no_row_of_the_future_excuses_one_that_is_gone(sealed: Cast, owner: psycopg.Connection) -> None:
    """Somebody has Heed itself seal that, in 2100, all that was there was let go of."""
    owner.execute(
        "INSERT INTO audit_events (tenant_id, id, at, actor_kind, actor_label, action, subject_type, subject_id, after)"
        " VALUES (%s, %s, '2100-01-01', 'system', '', 'audit.let_go', 'audit', 'rows', '{\"up_to\": 999999}')",
        [sealed.tenant_id, new_id()],
    )
    with sealed.scope():
        service.seal_audit(clock.now())
    assert kinds(sealed) == []
    owner.execute(f"DELETE FROM audit_events WHERE {OF_ROW.format(tenant=sealed.tenant_id)}")
    assert kinds(sealed) == ["row_missing"]


def cut(cast: Cast, owner: psycopg.Connection) -> None:
    """Cut the tail off, with its trace in the counter."""
    tenant = f"tenant_id = '{cast.tenant_id}'"
    owner.execute(
        f"DELETE FROM audit_events WHERE id IN (SELECT event_id FROM audit_seals WHERE seq > 3 AND {tenant});"
        f" DELETE FROM audit_seals WHERE seq > 3 AND {tenant};"
        f" UPDATE tenant_counters SET value = 3 WHERE name = '{service.COUNTER}' AND {tenant}"
    )


def rewrite(cast: Cast, owner: psycopg.Connection) -> None:
    """Change a row and make the whole chain anew: whoever knows how can."""
    tenant = f"tenant_id = '{cast.tenant_id}'"
    owner.execute(f"UPDATE audit_events SET actor_label = 'Bob' WHERE {tenant}; DELETE FROM audit_seals WHERE {tenant}")
    with cast.scope():
        service.seal_audit(clock.now() - rules.LATE_BY * 1000)


@pytest.mark.parametrize(("tamper", "kind"), [(cut, "head_missing"), (rewrite, "head_differs")])
def test_what_leaves_a_whole_chain_is_found_against_an_earlier_head(
    sealed: Cast, owner: psycopg.Connection, tamper: Callable[[Cast, psycopg.Connection], None], kind: str
) -> None:
    head = verify(sealed).head
    with sealed.scope():
        change()
    sealed.run_jobs()
    assert kinds(sealed, head) == []
    tamper(sealed, owner)
    assert kinds(sealed) == [] and kinds(sealed, head) == [kind]


def test_the_command_says_what_is_wrong(sealed: Cast, owner: psycopg.Connection, tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(command, ["verify", *arguments], standalone_mode=False)
        assert done.exception is None, done.exception
        return done.return_value, done.output

    status, printed = run("--tenant", sealed.slug, "--json")
    told = json.loads(printed)["tenants"][0]
    assert (status, told["tenant"], told["faults"], told["head"]["seq"]) == (0, sealed.slug, [], told["seals"])
    (tmp_path / "heads.json").write_text(printed)
    kept = ("--tenant", sealed.slug, "--head", str(tmp_path / "heads.json"))
    assert run(*kept)[0] == 0
    assert f"{sealed.slug}: whole, {told['seals']} seals; head {told['seals']} {told['head']['hash']}" in run(*kept)[1]
    cut(sealed, owner)
    status, said = run(*kept)
    assert status == 1 and f"seal {told['seals']} of the earlier head is gone" in said and "WRONG" in said


@pytest.mark.parametrize(
    "written", ["", "[]", "{}", '{"tenants": [{}]}', '{"tenants": [{"tenant_id": "x", "head": {}}]}']
)
def test_a_head_that_is_none_is_refused(sealed: Cast, tmp_path: Path, written: str) -> None:
    (tmp_path / "heads.json").write_text(written)
    done = CliRunner().invoke(command, ["verify", "--head", str(tmp_path / "heads.json")])
    assert done.exit_code == 2 and "--head is not what" in done.output


def test_a_tenant_that_is_gone_is_missed(sealed: Cast, tmp_path: Path) -> None:
    head = {"seq": 1, "hash": "x", "at": "2026-01-01T00:00:00+00:00"}
    (tmp_path / "heads.json").write_text(json.dumps({"tenants": [{"tenant_id": str(new_id()), "head": head}]}))
    done = CliRunner().invoke(command, ["verify", "--head", str(tmp_path / "heads.json")], standalone_mode=False)
    assert done.return_value == 1 and "which is not here" in done.output


def test_one_bad_tenant_does_not_spoil_another(sealed: Cast, owner: psycopg.Connection) -> None:
    owner.execute(f"UPDATE audit_seals SET chain_hash = 'x' WHERE tenant_id <> '{sealed.tenant_id}'")
    assert kinds(sealed) == []


def test_a_row_has_one_text(sealed: Cast) -> None:
    """The hash is over exactly this: whoever has a file that was taken out can make it again."""
    row = {
        "b": None,
        "a": UUID(int=1),
        "at": clock.now().replace(2026, 1, 2, 3, 4, 5, 6),
        "after": {"ü": [1, 2.50, None]},
    }
    assert rules.canonical(row).decode() == (
        '{"a":"00000000-0000-0000-0000-000000000001","after":{"ü":[1,2.5,null]},"at":"2026-01-02T03:04:05.000006+00:00"}'
    )


def test_the_migration_asks_for_the_seals_of_what_was_there(
    sealed: Cast, owner: psycopg.Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = verify(sealed).seals
    owner.execute(f"DELETE FROM audit_seals WHERE tenant_id = '{sealed.tenant_id}'")
    migration = import_module("migrations.versions.0028_audit_seals")
    assert settings.database_owner_url
    engine = create_engine(settings.database_owner_url, poolclass=NullPool)
    with engine.begin() as connection:
        monkeypatch.setattr(migration.op, "get_bind", lambda: connection)
        migration._ask_for_seals()
    assert (verify(sealed).seals, verify(sealed).waiting) == (0, made)
    sealed.run_jobs()
    assert (verify(sealed).seals, verify(sealed).waiting) == (made, 0)
