"""Real processes: short private homes, scripts run in a fresh interpreter, and a look at what is still alive."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.runtime import embedded

ROOT = Path(__file__).resolve().parents[2]
OWN_SETTINGS = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SMTP_URL",
    "BASE_URL",
    "PORT",
    "HEED_HOME",
)


@pytest.fixture
def empty_home() -> Iterator[Path]:
    """A HEED_HOME of its own; the database's user must be able to reach it, as pytest's own folders do not allow."""
    folder = Path(tempfile.mkdtemp(prefix="heed-test-", dir=_quick_folder()))
    folder.chmod(0o711)
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def used_home() -> Iterator[Path]:
    """A home in which the services were started and stopped once."""
    folder = Path(tempfile.mkdtemp(prefix="heed-test-", dir=_quick_folder()))
    folder.chmod(0o711)
    embedded.start(folder / "home").stop()
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home(empty_home: Path, used_home: Path) -> Path:
    """A copy of the used home: making a cluster takes longer than all else in most of these tests."""
    subprocess.run(["cp", "-a", str(used_home), str(empty_home)], check=True)
    return empty_home


def _quick_folder() -> str | None:
    memory = Path("/dev/shm")
    return str(memory) if memory.exists() and shutil.disk_usage(memory).free > 2_000_000_000 else None


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a child that knows only this home."""
    inherited = {key: value for key, value in os.environ.items() if key not in OWN_SETTINGS}
    return {**inherited, "HEED_HOME": str(home), "PYTHONPATH": str(ROOT), **more}


class Processes:
    """Children of one test, in a log of their own; whatever is left at the end of the test is killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []

    def python(self, code: str, home: Path, **more: str) -> subprocess.Popen[bytes]:
        """Start an interpreter on `code`."""
        return self._start([sys.executable, "-c", code], home, more)

    def heed(self, *arguments: str, home: Path, **more: str) -> subprocess.Popen[bytes]:
        """Start a heed command."""
        return self._start([sys.executable, "-m", "app.cli", *arguments], home, more)

    def _start(self, argv: list[str], home: Path, more: dict[str, str]) -> subprocess.Popen[bytes]:
        with self.log_of(len(self.started)).open("wb") as log:
            started = subprocess.Popen(
                argv, env=environment(home, **more), stdout=log, stderr=log, cwd=self.folder, start_new_session=True
            )
        self.started.append(started)
        return started

    def log_of(self, number: int) -> Path:
        """Where the child's output goes."""
        return self.folder / f"child-{number}.log"

    def said(self) -> str:
        """All that the children have said so far."""
        return "\n".join(self.log_of(number).read_text() for number in range(len(self.started)))

    def end(self) -> None:
        """Kill what is left of the children and theirs."""
        for started in self.started:
            for process in descendants(started.pid):
                kill(process)
            started.kill()
            started.wait()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Children that do not outlive the test."""
    running = Processes(tmp_path)
    yield running
    running.end()


def descendants(pid: int) -> list[psutil.Process]:
    """A process and everything below it."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def kill(process: psutil.Process) -> None:
    """Kill it; gone already is fine."""
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def alive(found: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; a zombie does not."""
    return [one for one in found if _runs(one)]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # gone between the two questions
        return False


def wait_until(condition: Callable[[], object], seconds: float = 60.0, why: Callable[[], str] = lambda: "") -> None:
    """Return once `condition` holds; fail with what `why` says when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {why()}"
        time.sleep(0.05)
