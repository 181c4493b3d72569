"""HEED_HOME: the folder that holds all embedded state, who may use it at a time, and how others find what runs there.

lock       held by whoever runs the services; it ends with its holder, however that ends
run.json   addresses and process ids for commands started beside a running Heed
secret     the generated SECRET_KEY
postgres/  the cluster;  run/ the sockets;  log/ the services' output;  mail/ the development mailbox
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from app.kernel.errors import HeedError
from app.runtime.account import Account, open_way, own_folder

# The kernel's limit for a Unix socket's path is 107 bytes on Linux and 103 on macOS; the longest name is PostgreSQL's.
SOCKET_PATH_LIMIT = 103
LONGEST_SOCKET_NAME = ".s.PGSQL.5432"
LOCK_TRIES = 10
SHORTEST_FOLDER = "/tmp"  # noqa: S108 - mkdtemp makes a private folder of a random name in it


class AlreadyRunning(HeedError):
    """Another process holds this HEED_HOME; the text says which and what to do."""


class Home:
    """The folder, its paths, its lock and its run file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self.postgres = self.folder / "postgres"
        self.logs = self.folder / "log"
        self.mail = self.folder / "mail"
        self.run_file = self.folder / "run.json"
        self._lock_file = self.folder / "lock"
        self._lock: int | None = None

    def acquire(self) -> None:
        """Become the one process that runs services here. Raises AlreadyRunning."""
        if not self.folder.exists():
            self.folder.mkdir(parents=True, mode=0o711)
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        for _ in range(LOCK_TRIES):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                time.sleep(0.03)  # Somebody may only be looking whether the lock is held (`is_held`).
            else:
                self._lock = descriptor
                return
        os.close(descriptor)
        raise AlreadyRunning(self._who_runs())

    def release(self) -> None:
        """Let others run services here; the run file goes first, because it is only true while the lock is held."""
        if self._lock is not None:
            self.run_file.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def is_held(self) -> bool:
        """Whether some process runs services here now."""
        if self._lock is not None:
            return True
        try:
            descriptor = os.open(self._lock_file, os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    def write_run(self, facts: dict[str, Any]) -> None:
        """Publish what runs here, readable by this user only and never half written."""
        _write_private(self.run_file, json.dumps(facts, indent=1))

    def read_run(self) -> dict[str, Any] | None:
        """What the holder of the lock published, or None; a file left by a killed process does not count."""
        return self._read_file() if self.is_held() else None

    def _read_file(self) -> dict[str, Any] | None:
        try:
            facts = json.loads(self.run_file.read_text())
        except (OSError, ValueError):
            return None
        return facts if isinstance(facts, dict) else None

    def secret(self) -> str:
        """The generated SECRET_KEY: made once, kept for as long as the folder."""
        path = self.folder / "secret"
        if not path.exists():
            _write_private(path, secrets.token_urlsafe(48))
        return path.read_text().strip()

    def socket_folder(self, account: Account | None) -> Path:
        """A private folder for the services' sockets: `run/`, or a short one elsewhere when that path is too long."""
        left_over = (self._read_file() or {}).get("sockets")
        if left_over:
            remove_sockets(Path(left_over))
        folder = self.folder / "run"
        if len(os.fsencode(folder / LONGEST_SOCKET_NAME)) > SOCKET_PATH_LIMIT:
            folder = _make_short_folder()
        own_folder(folder, account)
        open_way(folder, account)
        return folder

    def log(self, service: str) -> Path:
        """Where a service's output goes."""
        self.logs.mkdir(exist_ok=True)
        return self.logs / f"{service}.log"

    def _who_runs(self) -> str:
        facts = self._read_file() or {}
        who = f"process {facts['pid']}" if "pid" in facts else "another process"
        where = f" at {facts['address']}" if facts.get("address") else ""
        return f"Heed is already running in {self.folder} ({who}{where}): stop it first, or set another HEED_HOME"


def _make_short_folder() -> Path:
    usual = tempfile.gettempdir()
    fits = len(os.fsencode(usual)) + len("/heed-xxxxxxxx/") + len(LONGEST_SOCKET_NAME) <= SOCKET_PATH_LIMIT
    return Path(tempfile.mkdtemp(prefix="heed-", dir=usual if fits else SHORTEST_FOLDER))


def remove_sockets(folder: Path) -> None:
    """Remove a socket folder that stands outside HEED_HOME; the one inside stays."""
    if folder.name.startswith("heed-"):
        shutil.rmtree(folder, ignore_errors=True)


def _write_private(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
