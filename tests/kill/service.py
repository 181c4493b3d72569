"""The whole service as real processes, and the hand that kills them one after another."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kill.sink import Sink, free_port

ROOT = Path(__file__).resolve().parents[2]


class Service:
    """`heed up` in a folder of its own."""

    def __init__(self, home: Path, smtp_url: str, python_path: str = "") -> None:
        self.home = home
        self.port = free_port()
        self.log = home.parent / "heed.log"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("HEED_", "DATABASE_"))},
            "HEED_HOME": str(home),
            "HEED_TESTING": "1",
            "SMTP_URL": smtp_url,
            "HEED_PRIVATE_RECEIVERS": "127.0.0.0/8",
            "WEB_WORKERS": "1",
            "QUEUE_WORKERS": "2",
            "PYTHONPATH": os.pathsep.join(part for part in (python_path, str(ROOT)) if part),
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the web answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, clock_offset_seconds: int = 0) -> None:
        """Start everything and wait until it is ready."""
        env = {**self.env, "HEED_CLOCK_OFFSET_SECONDS": str(clock_offset_seconds)}
        command = [sys.executable, "-m", "app.cli", "up", "--no-demo", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
        _wait(lambda: bool(self.facts().get("ready")) and self.answers(), 90, "the service did not become ready")

    def stop(self) -> None:
        """SIGTERM, as an operator would; then nothing of it may be left."""
        if self.process is None:
            return
        pids = list(self.children().values())
        self.process.terminate()
        self.process.wait(60)
        self.process = None
        _wait(lambda: not any(_runs(pid) for pid in pids), 10, "processes were left behind")

    def kill_all(self) -> None:
        """End whatever still runs, however the test went."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)

    def facts(self) -> dict[str, Any]:
        """What the run file says; empty while there is none."""
        try:
            found: dict[str, Any] = json.loads((self.home / "run.json").read_text("utf-8"))
            return found
        except (FileNotFoundError, ValueError):
            return {}

    def children(self) -> dict[str, int]:
        """Process ids by name."""
        found: dict[str, int] = self.facts().get("children", {})
        return found

    def answers(self) -> bool:
        """Whether the web says it is ready."""
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self, name: str | tuple[str, ...], chance: random.Random) -> bool:
        """SIGKILL the children whose names begin so, with all their processes; False when none of them was alive.

        Redis loses its data too.
        """
        pids = [pid for child, pid in self.children().items() if child.startswith(name) and _runs(pid)]
        for victim in [*pids, *(deeper for pid in pids for deeper in _below(pid))]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        if name == "redis":
            for path in self.home.glob("redis/*"):
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        time.sleep(chance.uniform(0.1, 0.4))
        return bool(pids)

    def wait_until_back(self) -> None:
        """Wait until everything runs and answers again, so that each kill falls into work and not into a start."""
        _wait(lambda: all(map(_runs, self.children().values())) and self.answers(), 90, "it does not come back")

    def command(self, *arguments: str) -> str:
        """Run a `heed` command beside the service; returns what it prints."""
        command = [sys.executable, "-m", "app.cli", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout


def open_home(folders: pytest.TempPathFactory, name: str) -> Path:
    """A place for a home, in a folder that the database may enter when it has to run as another user."""
    folder = folders.mktemp(name)
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(0o755)
    return folder / "home"


@contextlib.contextmanager
def running(home: Path) -> Iterator[tuple[Service, Sink]]:
    """The whole service and who takes its mail; at the end it stops as an operator stops it."""
    with Sink(0, 0) as sink:
        service = Service(home, sink.url)
        try:
            service.start()
            yield service, sink
            service.stop()
        finally:
            service.kill_all()


def _below(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8")
        found = [int(child) for child in text.split()]
        return found + [deeper for child in found for deeper in _below(child)]
    return []


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _wait(until: Any, seconds: float, otherwise: str) -> None:
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            raise AssertionError(otherwise)
        time.sleep(0.1)
