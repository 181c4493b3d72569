"""Starting and stopping operating system processes so that none of them outlives the one that asked for it.

`spawn` gives a child its own process group and asks the kernel (Linux) to end it when its parent dies, however the
parent dies. `stop` asks politely, waits, and only then kills the whole group.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from app.runtime.account import Account

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(number: signal.Signals) -> None:
    """Ask the kernel to send `number` to this process when the thread that started it ends; a no-op off Linux."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def spawn(
    argv: Sequence[str],
    *,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: IO[bytes] | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a process group of its own; call it from a thread that lives as long as the child should.

    `account` is the system user to run as (None: the current one), `output` takes stdout and stderr (None: inherited).
    """
    return subprocess.Popen(  # noqa: S603 - every command line is ours
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=cwd,
        env=dict(os.environ if env is None else env),
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
        process_group=0,
        preexec_fn=_prepare(os.getpid(), death_signal),
    )


def run(
    argv: Sequence[str], *, account: Account | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run `argv` to its end, as `account`, and return its status and output; it is the caller who judges them."""
    return subprocess.run(  # noqa: S603 - every command line is ours
        list(argv),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd=cwd,
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
    )


def _prepare(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    def before_exec() -> None:
        die_with_parent(death_signal)
        # The parent may have died before the line above took effect; nobody would ever stop this child then.
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def stop(
    process: subprocess.Popen[bytes],
    *,
    polite: signal.Signals = signal.SIGTERM,
    patience_seconds: float = 10.0,
) -> None:
    """Send `polite`, wait at most `patience_seconds`, then kill the child's whole group. Safe to call twice."""
    if process.returncode is not None:
        return  # Its number may belong to somebody else by now.
    if process.poll() is None:
        process.send_signal(polite)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_seconds)
    kill_group(process)
    process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of the group that `spawn` made for this child."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
