"""The supervisor: starts children, restarts those that die, and stops all of them in order.

It knows no child in particular (app/runtime/up.py lists them). It never blocks in a signal handler: handlers only
count, and the loop sleeps on the pipe that Python writes to when a signal arrives.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from app.runtime import processes
from app.runtime.embedded import Service
from app.runtime.logs import get_logger

CRASH_LIMIT = 5
CRASH_WINDOW_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 1.0
PULSE_SECONDS = 1.0
HURRY_SECONDS = 10.0

log = get_logger("supervisor")


class StopRequested(BaseException):
    """A signal asked to stop while something was still starting."""


@dataclass(frozen=True)
class Program:
    """A child that is a plain command."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    patience_seconds: float = 10.0
    stop_signal: signal.Signals = signal.SIGTERM
    hurry_signal: signal.Signals = signal.SIGKILL

    def prepare(self) -> None:
        """Nothing: a command brings its own readiness."""

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the command with its output on ours."""
        env = {**(os.environ if self.env is None else self.env), "HEED_PROCESS": self.name}
        return processes.spawn(self.argv, env=env)

    def wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Nothing: whoever needs the command to be ready asks it."""


class Signals:
    """Counts requests to stop and wakes the loop when a signal arrives, a child's death included."""

    def __init__(self) -> None:
        self.count = 0
        self.interrupts = True
        self._read, write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.interrupts:
            self.interrupts = False
            raise StopRequested

    def wait(self, seconds: float) -> None:
        """Sleep until a signal arrives, at most `seconds`."""
        if select.select([self._read], [], [], max(0.0, seconds))[0]:
            os.read(self._read, 4096)


@dataclass
class Watched:
    """One child: what it is, the process it runs as, and when it died before."""

    service: Service
    process: subprocess.Popen[bytes] | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=CRASH_LIMIT))
    restart_at: float | None = None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Children in tiers: a tier stops before all tiers to its left. They start in whatever order they are asked to."""

    def __init__(self, signals: Signals, on_change: Callable[[], None] = lambda: None) -> None:
        self.signals = signals
        self.tiers: list[list[Watched]] = []
        self.on_change = on_change

    def adopt(self, running: Sequence[tuple[Service, subprocess.Popen[bytes]]]) -> None:
        """Watch a tier for each child that runs already."""
        self.tiers += [[Watched(service, process)] for service, process in running]

    def lay_out(self, tiers: Sequence[Sequence[Service]]) -> None:
        """Add tiers of children that `start` will start."""
        self.tiers += [[Watched(service) for service in tier] for tier in tiers]

    def start(self, wanted: Callable[[str], bool] = lambda _name: True) -> None:
        """Start the children whose name is wanted and that do not run yet."""
        for child in self._children():
            if child.process is None and child.restart_at is None and wanted(child.service.name):
                child.process = child.service.spawn()

    def _children(self) -> list[Watched]:
        return [child for tier in self.tiers for child in tier]

    def pids(self) -> dict[str, int]:
        """The process id of every child that runs."""
        return {child.service.name: child.process.pid for child in self._children() if child.process is not None}

    def watch(self, until: Callable[[], bool], pulse_seconds: float = PULSE_SECONDS) -> bool:
        """Restart what dies until `until()` or a signal (True), or until a child crashes without end (False)."""
        self.signals.interrupts = False
        while not self.signals.count and not until():
            for child in self._children():
                if not self._care_for(child):
                    return False
            self.signals.wait(min(pulse_seconds, self._next_restart()))
        return True

    def _care_for(self, child: Watched) -> bool:
        now = time.monotonic()
        if child.process is not None and child.process.poll() is not None:
            return self._bury(child, child.process, now)
        if child.restart_at is not None and now >= child.restart_at:
            child.restart_at = None
            child.service.prepare()
            child.process = child.service.spawn()
            self.on_change()
        return True

    def _bury(self, child: Watched, process: subprocess.Popen[bytes], now: float) -> bool:
        """Note a death and plan the restart; False when this child died too often."""
        processes.kill_group(process)
        child.process = None
        child.deaths.append(now)
        recent = sum(1 for death in child.deaths if now - death < CRASH_WINDOW_SECONDS)
        if recent >= CRASH_LIMIT:
            log.error("a child keeps dying, stopping all", child=child.service.name, status=process.returncode)
            return False
        child.restart_at = now + min(0.1 * 2 ** (recent - 1), LONGEST_PAUSE_SECONDS)
        log.warning("a child died, restarting it", child=child.service.name, status=process.returncode)
        return True

    def _next_restart(self) -> float:
        planned = [child.restart_at for child in self._children() if child.restart_at is not None]
        return max(0.0, min(planned) - time.monotonic()) if planned else PULSE_SECONDS

    def stop(self) -> None:
        """Stop all, the tier started last first; another signal meanwhile hurries."""
        self.signals.interrupts = False
        seen = self.signals.count
        for tier in reversed(self.tiers):
            self._stop_tier(tier, lambda: self.signals.count > max(seen, 1))
        self.tiers.clear()

    def _stop_tier(self, tier: Sequence[Watched], hurried: Callable[[], bool]) -> None:
        for child in tier:
            _send(child, child.service.stop_signal)
        deadline = time.monotonic() + max((child.service.patience_seconds for child in tier), default=0.0)
        while any(child.alive for child in tier) and time.monotonic() < deadline and not hurried():
            self.signals.wait(0.1)
        for child in tier:
            if child.alive:
                log.warning("a child does not stop by itself", child=child.service.name)
                _send(child, child.service.hurry_signal)
        for child in tier:
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(HURRY_SECONDS)
                processes.kill_group(child.process)
                child.process.wait()
                child.process = None


def _send(child: Watched, number: signal.Signals) -> None:
    if child.process is not None and child.process.poll() is None:
        child.process.send_signal(number)
