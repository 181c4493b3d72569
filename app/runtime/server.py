"""The web server: the one place that says which it is (granian) and how it is set.

The evidence for the choice and for these numbers stands in docs/decisions/0002-granian.md.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.config import Settings
from app.runtime import logs
from app.runtime.processes import die_with_parent

APPLICATION = "wsgi:app"
THREADS = 16  # as many as the database pool has connections
# Requests a worker takes in at a time; further connections wait in the kernel's queue instead of in memory.
BACKPRESSURE = 64
KILL_TIMEOUT_SECONDS = 10


def serve(settings: Settings, host: str, port: int, application: str = APPLICATION) -> None:
    """Serve until SIGTERM: then take no more connections, answer what is under way, and return."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    with _shared_metrics(settings.web_workers):
        Server(
            application,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=settings.web_workers,
            blocking_threads=THREADS,
            backpressure=BACKPRESSURE,
            workers_kill_timeout=KILL_TIMEOUT_SECONDS,
            respawn_failed_workers=True,
            websockets=False,
            log_level=LogLevels.error,
            log_access=False,
            log_dictconfig=logs.dict_config(settings.log_format),
        ).serve(target_loader=_load)


def _load(target: str) -> Callable[..., Any]:
    """Runs in each worker process: a worker must not outlive the main process, even when that is killed."""
    die_with_parent(signal.SIGTERM)
    root = str(Path(__file__).resolve().parents[2])
    if root not in sys.path:
        sys.path.insert(0, root)
    module, _, attribute = target.partition(":")
    application: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return application


@contextmanager
def _shared_metrics(workers: int) -> Iterator[None]:
    """Several workers count together through files; one keeps its counts in memory."""
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="heed-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield
