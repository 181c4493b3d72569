"""From nothing to the first page, as a newcomer meets it: a fresh checkout, `make run`; then the second start.

Then what a start costs: the import of the application, and the memory of each process once all run. Needs a clean clone
of HEAD and the package registries (or a warm cache of them). Promised: 90 s and 10 s.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.measure import Result, timed, wait_for
from tests.kill.sink import free_port

ROOT = Path(__file__).resolve().parents[1]
_FLASK = "import flask, sqlalchemy"
_APPLICATION = "import wsgi"
_MEGABYTE = 1024 * 1024
_SETTLE_SECONDS = 15
"""Workers begin when the web is ready, and have loaded everything by then."""


def run() -> Iterator[Result]:
    """Start twice and stop twice, and look at what runs the second time."""
    with tempfile.TemporaryDirectory(prefix="heed-bench-") as folder:
        Path(folder).chmod(0o755)  # the database may run as another user
        checkout = Path(folder) / "heed"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
        with timed() as yardstick:
            subprocess.run([sys.executable, "-m", "venv", str(Path(folder) / "yardstick")], check=True)
        for name in ("nothing to the first page", "second start"):
            seconds, running = _start_and_stop(checkout)
            yield Result(name, seconds, "s", "making a virtual environment", yardstick.seconds)
        flask_seconds, flask_memory = _import(checkout, _FLASK)
        seconds, _memory = _import(checkout, _APPLICATION)
        yield Result("import of the application", seconds, "s", "that of Flask and SQLAlchemy", flask_seconds)
        for name, megabytes in running.items():
            yield Result(f"memory of {name}", megabytes, "MB", "an interpreter with Flask and SQLAlchemy", flask_memory)


def _start_and_stop(checkout: Path) -> tuple[float, dict[str, float]]:
    """(seconds to the first page, megabytes by the name of each process once all run)."""
    port, run_file = free_port(), checkout / ".heed" / "run.json"
    named = ("HEED_", "DATABASE_", "REDIS_")
    env = {**{name: value for name, value in os.environ.items() if not name.startswith(named)}, "PORT": str(port)}
    with (checkout.parent / "log").open("ab") as log, timed() as watch:
        up = subprocess.Popen(["make", "run"], cwd=checkout, env=env, stdout=log, stderr=log, start_new_session=True)
        wait_for(lambda: _page_is_served(port))
    wait_for(lambda: "children" in json.loads(run_file.read_text("utf-8")))
    time.sleep(_SETTLE_SECONDS)
    facts = json.loads(run_file.read_text("utf-8"))
    running = {"the supervisor": _memory_of(psutil.Process(facts["pid"]))}
    for name, pid in facts["children"].items():
        process = psutil.Process(pid)
        running[name] = _memory_of(process, *process.children(recursive=True))
    os.killpg(up.pid, signal.SIGTERM)
    up.wait(60)
    return watch.seconds, running


def _page_is_served(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _memory_of(*processes: psutil.Process) -> float:
    """The megabytes of these processes, what they share with others counted in parts (PSS)."""
    return sum(each.memory_full_info().pss for each in processes) / _MEGABYTE


def _import(checkout: Path, statement: str) -> tuple[float, float]:
    """(seconds, megabytes) that an interpreter needs for it, modules compiled; the second of two runs counts."""
    code = f"{statement}\nimport psutil; print(psutil.Process().memory_full_info().pss)"
    settings = {"DATABASE_URL": "postgresql://heed_app@127.0.0.1:1/heed", "REDIS_URL": "redis://127.0.0.1:1"}
    env = {**os.environ, **settings, "SECRET_KEY": "x" * 40}
    for _run in range(2):
        with timed() as watch:
            command = [str(checkout / ".venv" / "bin" / "python"), "-c", code]
            done = subprocess.run(command, cwd=checkout, env=env, check=True, capture_output=True, text=True)
    return watch.seconds, int(done.stdout.split()[-1]) / _MEGABYTE
