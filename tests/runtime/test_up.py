"""`heed up` as real processes: an empty folder, a served page, deaths in between, and nothing left afterwards."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from tests.runtime.conftest import ROOT, Processes, alive, descendants, environment, wait_until

# Started from another folder, as `.venv/bin/heed` can be: only the script itself knows where the code is.
UP = """
import sys
sys.path.insert(0, {root!r})
from app.runtime.up import Plan, run
sys.exit(run(Plan(port={port}, application="tests.runtime.standin:app", first_start={first_start!r})))
"""


def start(
    processes: Processes, home: Path, port: int = 0, first_start: tuple[str, ...] = ()
) -> subprocess.Popen[bytes]:
    return processes.python(UP.format(root=str(ROOT), port=port, first_start=first_start), home, PYTHONPATH="")


def facts(home: Path) -> dict[str, Any]:
    """The run file; empty while there is none."""
    try:
        found: dict[str, Any] = json.loads((home / "run.json").read_text())
    except FileNotFoundError:
        return {}
    return found


def is_ready(home: Path) -> bool:
    return bool(facts(home).get("ready"))


def heed(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(argv, env=environment(home), cwd=ROOT, capture_output=True, text=True, timeout=120)


def page(home: Path) -> str:
    with urllib.request.urlopen(facts(home)["address"], timeout=10) as answer:
        return str(answer.read().decode())


@pytest.mark.timeout(300)
def test_from_an_empty_folder_to_a_served_page_and_back_to_nothing(processes: Processes, empty_home: Path) -> None:
    up = start(processes, empty_home, first_start=("tests.runtime.first_start:greet",))
    wait_until(lambda: is_ready(empty_home), seconds=120, why=processes.said)
    assert facts(empty_home)["address"] in processes.said()
    assert "Sign in as demo, migrated as True" in processes.said()
    assert int(page(empty_home)) > 0

    # A command beside it works on the same databases, and a second Heed is refused.
    findings = {found["name"]: found for found in json.loads(heed(empty_home, "doctor", "--json").stdout)}
    assert findings["migrations"]["ok"], findings
    assert findings["redis"]["ok"], findings
    assert findings["smtp"]["ok"], findings
    second = heed(empty_home, "up")
    assert second.returncode == 1
    assert "already running" in second.stderr
    assert facts(empty_home)["address"] in second.stderr

    everything = descendants(up.pid)
    assert {"postgres", "redis-server"} <= {process.name() for process in everything}
    up.send_signal(signal.SIGTERM)
    assert up.wait(60) == 0, processes.said()
    assert not alive(everything)
    assert not (empty_home / "run.json").exists()


@pytest.mark.timeout(300)
def test_whatever_is_killed_comes_back(processes: Processes, home: Path) -> None:
    up = start(processes, home)
    wait_until(lambda: is_ready(home), seconds=120, why=processes.said)
    with psycopg.connect(facts(home)["database_owner_url"]) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 5 AS answer")
    for name in ("web", "worker-1", "scheduler", "mail", "redis", "postgres"):
        before = facts(home)["children"][name]
        psutil.Process(before).kill()
        wait_until(
            lambda name=name, before=before: facts(home).get("children", {}).get(name, before) != before,
            seconds=60,
            why=processes.said,
        )
    wait_until(lambda: _database_answers(home), why=processes.said)
    wait_until(lambda: redis.Redis.from_url(facts(home)["redis_url"]).ping())
    wait_until(lambda: _page_answers(home), why=processes.said)
    assert up.poll() is None

    # And when the supervisor itself is killed, nobody is left.
    below = descendants(up.pid)[1:]
    up.kill()
    up.wait()
    wait_until(lambda: not alive(below), seconds=30, why=lambda: str(alive(below)))

    # The next start finds the data and the secret as they were.
    secret = (home / "secret").read_text()
    again = start(processes, home)
    wait_until(lambda: is_ready(home) and facts(home)["pid"] == again.pid, seconds=120, why=processes.said)
    assert _database_answers(home)
    assert (home / "secret").read_text() == secret


def _database_answers(home: Path) -> bool:
    try:
        with psycopg.connect(facts(home)["database_owner_url"], connect_timeout=2) as owner:
            return owner.execute("SELECT answer FROM kept").fetchone() == (5,)
    except psycopg.OperationalError:
        return False


def _page_answers(home: Path) -> bool:
    try:
        return bool(page(home))
    except OSError:
        return False


def test_a_port_that_is_taken_is_said_before_anything_is_served(processes: Processes, home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        up = heed(home, "up", "--port", str(port))
    assert up.returncode == 1
    assert f"Port {port} is in use" in up.stderr
    assert not (home / "run.json").exists()


def test_a_first_start_that_refuses_stops_with_its_sentence(processes: Processes, home: Path) -> None:
    code = """
import sys
from app import cli
cli.FIRST_START = ("tests.runtime.first_start:refuse",)
sys.exit(cli.main(["up", "--port", "0"]))
"""
    up = processes.python(code, home)
    assert up.wait(120) == 1
    assert "heed: The demo cannot be loaded: the disk is full" in processes.said()
    assert not descendants(up.pid)


def test_a_signal_during_the_start_stops_what_was_started(processes: Processes, home: Path) -> None:
    up = start(processes, home)
    wait_until(lambda: (home / "run").exists() and list((home / "run").iterdir()), why=processes.said)
    everything = descendants(up.pid)
    up.send_signal(signal.SIGINT)
    assert up.wait(60) == 0, processes.said()
    assert not alive(everything)
    assert "ready" not in processes.said()


def test_a_port_that_is_none_is_one_sentence(processes: Processes, home: Path) -> None:
    code = "import sys; from app import cli; sys.exit(cli.main(['up']))"
    up = processes.python(code, home, PORT="eight")
    assert up.wait(120) == 1
    assert "heed: PORT: 'eight' is not a port number" in processes.said()
    assert "Traceback" not in processes.said()
