"""From nothing to the first page, as a newcomer meets it: a fresh checkout, `make run`; then the second start.

Needs a clean clone of HEAD and the package registries (or a warm cache of them). Promised: 90 s and 10 s.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Result, timed, wait_for
from tests.kill.sink import free_port

ROOT = Path(__file__).resolve().parents[1]


def run() -> Iterator[Result]:
    """Start twice and stop twice."""
    with tempfile.TemporaryDirectory(prefix="heed-bench-") as folder:
        Path(folder).chmod(0o755)  # the database may run as another user
        checkout = Path(folder) / "heed"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
        with timed() as yardstick:
            subprocess.run([sys.executable, "-m", "venv", str(Path(folder) / "yardstick")], check=True)
        for name in ("nothing to the first page", "second start"):
            yield Result(name, _start_and_stop(checkout), "s", "making a virtual environment", yardstick.seconds)


def _start_and_stop(checkout: Path) -> float:
    port = free_port()
    named = ("HEED_", "DATABASE_", "REDIS_")
    env = {**{name: value for name, value in os.environ.items() if not name.startswith(named)}, "PORT": str(port)}
    with (checkout.parent / "log").open("ab") as log, timed() as watch:
        up = subprocess.Popen(["make", "run"], cwd=checkout, env=env, stdout=log, stderr=log, start_new_session=True)
        wait_for(lambda: _page_is_served(port))
    os.killpg(up.pid, signal.SIGTERM)
    up.wait(60)
    return watch.seconds


def _page_is_served(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
