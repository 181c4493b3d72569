"""The embedded PostgreSQL and Redis: durable, private, and able to start after anything that happened to them."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from app.runtime import account, embedded, processes, redis_server
from app.runtime.account import Account, ServiceError
from app.runtime.embedded import POSTGRES, REDIS
from app.runtime.home import AlreadyRunning, Home
from app.runtime.postgres import Postgres
from tests.runtime.conftest import Processes, alive, descendants, kill, wait_until


def asked(url: str, query: str) -> tuple[object, ...]:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row


def test_a_start_gives_durable_databases_and_safe_roles(empty_home: Path) -> None:
    services = embedded.start(empty_home)
    try:
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
            assert asked(services.database_url, f"SHOW {setting}") == ("on",)
        assert asked(services.database_url, "SHOW listen_addresses") == ("",)
        assert asked(services.database_url, "SELECT current_user::text, current_database()::text") == (
            "heed_app",
            "heed",
        )
        role = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname = '{}'"
        assert asked(services.superuser_url, role.format("heed_app")) == (False, False, False, True)
        assert asked(services.superuser_url, role.format("heed_owner")) == (False, False, False, True)
        assert asked(services.superuser_url, role.format("heed_sweeper")) == (False, False, False, False)
        assert redis.Redis.from_url(services.redis_url).ping()
    finally:
        services.stop()


def test_the_application_role_makes_nothing_and_the_owner_can_hand_over_to_the_sweeper(home: Path) -> None:
    services = embedded.start(home, wanted=[POSTGRES])
    try:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            asked(services.database_url, "CREATE TABLE mine (id int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            asked(services.database_url, "CREATE TEMPORARY TABLE mine (id int)")
        with psycopg.connect(services.database_owner_url) as owner:
            owner.execute("CREATE TABLE secret (id int)")
            owner.execute("GRANT SELECT ON secret TO heed_sweeper")
            owner.execute("CREATE FUNCTION due() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'")
            owner.execute("ALTER FUNCTION due() OWNER TO heed_sweeper")
            inherits = owner.execute("SELECT pg_has_role('heed_owner', 'heed_sweeper', 'USAGE')").fetchone()
        assert inherits == (False,)
    finally:
        services.stop()


def test_a_second_start_keeps_what_was_written_and_the_secret(home: Path) -> None:
    services = embedded.start(home, wanted=[POSTGRES])
    with psycopg.connect(services.database_owner_url) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    secret = services.home.secret()
    services.stop()
    assert not (home / "run.json").exists()

    again = embedded.start(home, wanted=[POSTGRES])
    try:
        assert asked(again.database_owner_url, "SELECT answer FROM kept") == (42,)
        assert again.home.secret() == secret
        assert len(secret) >= 32
        assert (home / "secret").stat().st_mode & 0o777 == 0o600
        assert (home / "run.json").stat().st_mode & 0o777 == 0o600
    finally:
        again.stop()


def test_the_sockets_are_closed_to_other_users(home: Path) -> None:
    services = embedded.start(home)
    try:
        assert services.sockets.stat().st_mode & 0o777 == 0o700
        assert (home / "postgres").stat().st_mode & 0o777 == 0o700
    finally:
        services.stop()


def test_a_start_after_kill_9_recovers_what_was_committed(home: Path) -> None:
    services = embedded.start(home, wanted=[POSTGRES])
    with psycopg.connect(services.database_owner_url) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 7 AS answer")
    _, postmaster = services.running[POSTGRES]
    for process in descendants(postmaster.pid):
        kill(process)  # one of them may have ended by itself
    postmaster.wait()
    services.home.release()  # as a killed supervisor would; its postmaster.pid stays
    assert (home / "postgres" / "postmaster.pid").exists()

    again = embedded.start(home, wanted=[POSTGRES])
    try:
        assert asked(again.database_owner_url, "SELECT answer FROM kept") == (7,)
    finally:
        again.stop()


def test_a_stale_pid_file_whose_number_belongs_to_another_process_does_not_stop_the_start(home: Path) -> None:
    user = account.service_account(home / "postgres")  # another user's process would not even be looked at
    somebody = subprocess.Popen(["sleep", "60"], user=None if user is None else user.uid)
    try:
        pid_file = home / "postgres" / "postmaster.pid"
        pid_file.write_text(f"{somebody.pid}\n{home / 'postgres'}\n{int(time.time())}\n5432\n\n\n\nready\n")
        embedded.start(home, wanted=[POSTGRES]).stop()
        assert somebody.poll() is None
    finally:
        somebody.kill()
        somebody.wait()


def test_a_server_that_outlived_its_supervisor_is_stopped_before_a_new_one_starts(home: Path) -> None:
    services = embedded.start(home, wanted=[POSTGRES])
    sockets, user = services.sockets, account.service_account(home / "postgres")
    services.stop()
    orphan = Postgres(home / "postgres", sockets, home / "log" / "postgres.log", user)
    running = orphan.spawn()
    orphan.wait_ready(running)

    again = embedded.start(home, wanted=[POSTGRES])
    try:
        assert running.wait(10) == 0
        assert asked(again.database_url, "SELECT 1") == (1,)
    finally:
        again.stop()


def test_a_home_with_a_long_path_gets_its_sockets_elsewhere(home: Path) -> None:
    deep = home / ("long-" * 20) / ("path-" * 20)
    services = embedded.start(deep)
    sockets = services.sockets
    try:
        assert len(str(deep)) > 200
        assert deep not in sockets.parents
        assert json.loads((deep / "run.json").read_text())["sockets"] == str(sockets)
        assert asked(services.database_url, "SELECT 1") == (1,)
        assert redis.Redis.from_url(services.redis_url).ping()
    finally:
        services.stop()
    assert not sockets.exists()


def test_the_short_socket_folder_of_a_killed_start_is_removed_by_the_next(home: Path) -> None:
    left = Path(tempfile.mkdtemp(prefix="heed-"))
    folder = Home(home)
    folder.acquire()
    folder.write_run({"role": "command", "pid": 1, "sockets": str(left)})
    folder.socket_folder(None)
    assert not left.exists()


def test_a_moved_home_starts_with_its_data(home: Path) -> None:
    services = embedded.start(home, wanted=[POSTGRES])
    with psycopg.connect(services.database_owner_url) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 'moved' AS answer")
    services.stop()
    moved = home.rename(home.with_name("elsewhere"))
    again = embedded.start(moved, wanted=[POSTGRES])
    try:
        assert asked(again.database_owner_url, "SELECT answer FROM kept") == ("moved",)
    finally:
        again.stop()


def test_an_initialisation_cut_short_leaves_nothing_in_the_way(empty_home: Path) -> None:
    (empty_home / "postgres.new").mkdir(parents=True)
    (empty_home / "postgres.new" / "PG_VERSION").write_text("18\n")
    services = embedded.start(empty_home, wanted=[POSTGRES])
    services.stop()
    assert not (empty_home / "postgres.new").exists()


def test_a_second_start_at_the_same_time_says_who_runs(home: Path) -> None:
    services = embedded.start(home, wanted=[REDIS])
    try:
        with pytest.raises(AlreadyRunning, match=f"already running in {home} .*process {os.getpid()}"):
            embedded.start(home, wanted=[REDIS])
    finally:
        services.stop()
    embedded.start(home, wanted=[REDIS]).stop()


def test_only_the_services_that_are_wanted_start(home: Path) -> None:
    services = embedded.start(home, wanted=[REDIS])
    try:
        assert list(services.running) == [REDIS]
        assert services.database_url == ""
        assert POSTGRES not in json.loads((home / "run.json").read_text())["services"]
    finally:
        services.stop()


def test_services_end_when_the_process_that_started_them_is_killed(home: Path, processes: Processes) -> None:
    code = """
import os, sys, time
from app.runtime import embedded
embedded.start(os.environ["HEED_HOME"])
time.sleep(60)
"""
    parent = processes.python(code, home)
    wait_until(
        lambda: (home / "run.json").exists() and "services" in (home / "run.json").read_text(), why=processes.said
    )
    below = descendants(parent.pid)[1:]
    assert {"postgres", "redis-server"} <= {process.name() for process in below}
    parent.kill()
    parent.wait()
    wait_until(lambda: not alive(below), seconds=10, why=lambda: str(alive(below)))
    embedded.start(home).stop()


def test_a_service_that_does_not_start_says_why(home: Path) -> None:
    embedded.start(home, wanted=[POSTGRES]).stop()
    (home / "postgres" / "postgresql.conf").write_text("shared_buffers = nonsense\n")
    with pytest.raises(ServiceError, match=r"PostgreSQL did not start.*shared_buffers"):
        embedded.start(home, wanted=[POSTGRES])
    embedded.start(home, wanted=[REDIS]).stop()  # the lock was given back


def test_data_of_another_major_version_is_refused_with_the_remedy(home: Path) -> None:
    embedded.start(home, wanted=[POSTGRES]).stop()
    (home / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(ServiceError, match=r"made by PostgreSQL 16.*dump it"):
        embedded.start(home, wanted=[POSTGRES])


def test_without_any_redis_the_remedy_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "_bundled", lambda: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServiceError, match=r"Valkey.*or set REDIS_URL"):
        redis_server.find_program()


def test_a_redis_on_the_path_comes_before_the_bundled_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "valkey-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_server.find_program() == program
    program.unlink()
    assert redis_server.find_program().name == "redis-server"


def test_root_without_another_user_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "CANDIDATES", ("heed-nobody-has-this-name",))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServiceError, match=r"useradd --system .*or start Heed as an ordinary user"):
        account.service_account(tmp_path / "postgres")


def test_an_ordinary_user_runs_the_services_as_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert account.service_account(tmp_path / "postgres") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root opens a way for another user")
def test_the_way_to_closed_data_is_opened_for_passing_only(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    target = closed / "inside"
    target.mkdir(parents=True)
    closed.chmod(0o700)
    account.open_way(target, Account("somebody", 12345, 12345))
    assert closed.stat().st_mode & 0o777 == 0o701
    assert processes.run(["ls", str(closed)], account=Account("somebody", 12345, 12345)).returncode != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root opens programs for another user")
def test_programs_installed_under_a_strict_umask_can_be_run_by_the_other_user(tmp_path: Path) -> None:
    somebody = Account("somebody", 12345, 12345)
    program, text = tmp_path / "bin" / "program", tmp_path / "bin" / "text"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\ncat $(dirname $0)/text\n")
    text.write_text("read")
    for path, mode in ((program, 0o700), (text, 0o600), (program.parent, 0o700)):
        path.chmod(mode)
    account.open_program(program.parent, somebody)
    assert processes.run([str(program)], account=somebody).stdout == b"read"
    assert text.stat().st_mode & 0o777 == 0o604


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the services to another user")
def test_under_root_the_services_run_as_another_user(home: Path) -> None:
    services = embedded.start(home)
    try:
        for _, process in services.running.values():
            assert psutil.Process(process.pid).uids().real != 0
    finally:
        services.stop()
