"""The sweeper: the clock of the service. It looks for due work twice a second and wakes a worker, or works itself.

Any number may run. Without Redis, or when nobody answers the wake-up for a few seconds, the sweeper drains by itself.
"""

from __future__ import annotations

import logging
import threading

from flask import Flask

from app.kernel import outbox, queue

_TICK_SECONDS = 0.5
_PATIENCE_SECONDS = 2.0

log = logging.getLogger(__name__)


def run(app: Flask, stop: threading.Event) -> None:
    """Sweep until `stop` is set. A failing round (the database is away) is logged and tried again."""
    while not stop.is_set():
        try:
            with app.app_context():
                sweep_once()
        except Exception as error:
            log.warning("sweep failed, trying again: %s", error)
            stop.wait(_TICK_SECONDS)
        stop.wait(_TICK_SECONDS)


def sweep_once() -> None:
    """Wake a worker when something is due; drain here when Redis is away or the rows have waited too long."""
    if not outbox.due_places():
        return
    queue.wake()
    if queue.depth() is None or outbox.lag_seconds() > _PATIENCE_SECONDS:
        outbox.drain(budget_seconds=5.0)
