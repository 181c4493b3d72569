"""The job worker: takes wake-ups from Redis and drains the outbox, one process each.

Jobs run in this process, not in a fork of it: the only job is our own drain, whose work stands in PostgreSQL with
leases and fences, so a worker that dies loses nothing, and a fork per wake-up would cost four times the processor time.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from app.config import Settings
from app.kernel import outbox, queue
from app.runtime.logs import get_logger

if TYPE_CHECKING:
    from flask import Flask
    from rq import Queue
    from rq.job import Job

RECONNECT_SECONDS = 1.0
# Bounds how long a dead connection can go unnoticed; rq derives its blocking times from it.
WORKER_TTL_SECONDS = 60
LANE_PATIENCE_SECONDS = 15.0

if TYPE_CHECKING:
    Lane = Callable[[Flask, Callable[[], bool]], None]

log = get_logger("worker")


class Stop:
    """What SIGTERM does: leave at once when idle, else after the batch at hand; a second signal ends the process."""

    def __init__(self) -> None:
        self.requested = False
        self.busy = False

    def install(self) -> None:
        """Listen to SIGTERM and SIGINT."""
        signal.signal(signal.SIGTERM, self._handle)
        signal.signal(signal.SIGINT, self._handle)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.requested:
            raise SystemExit(1)
        self.requested = True
        outbox.leave()
        if not self.busy:
            raise StopRequested


class DrainWorker(SimpleWorker):
    """RQ's in-process worker with our signals, a short wait for Redis to return, and no remote commands."""

    max_connection_wait_time = 2.0

    def __init__(self, app: Flask, stop: Stop, settings: Settings) -> None:
        super().__init__(
            [queue.QUEUE_NAME],
            connection=queue.connection(settings),
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL_SECONDS,
            log_job_description=False,
        )
        self.app = app
        self.stop = stop

    def subscribe(self) -> None:
        """No commands over Redis: the supervisor's signals are enough, and it saves a thread and a connection."""

    def _install_signal_handlers(self) -> None:
        """Ours stay: RQ's would talk to Redis inside the handler."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run one wake-up; a signal meanwhile is remembered, not obeyed."""
        self.stop.busy = True
        try:
            with self.app.app_context():
                super().execute_job(job, queue)
        finally:
            self.stop.busy = False
        if self.stop.requested:
            raise StopRequested


def run(app: Flask, settings: Settings) -> None:
    """Work until SIGTERM. Losing Redis only means waiting for it."""
    stop = Stop()
    stop.install()
    lanes = [_in_thread(app, lane) for lane in app.extensions["heed_lanes"]]
    log.info("the worker is running")
    try:
        while not stop.requested:
            _work(app, stop, settings)
            time.sleep(RECONNECT_SECONDS)
    except StopRequested:
        pass
    finally:
        outbox.leave()
        for lane in lanes:
            lane.join(LANE_PATIENCE_SECONDS)


def _in_thread(app: Flask, lane: Lane) -> threading.Thread:
    """A lane beside the outbox (handlers.LANES); what it leaves undone at a sudden end stands in the database."""
    thread = threading.Thread(target=lane, args=(app, outbox.is_leaving), name="lane", daemon=True)
    thread.start()
    return thread


def _work(app: Flask, stop: Stop, settings: Settings) -> None:
    """One worker's life: it ends with a request to stop, or when Redis is lost at a moment RQ does not bridge."""
    try:
        DrainWorker(app, stop, settings).work(logging_level="WARNING")
    except (RedisError, OSError) as error:
        log.warning("Redis is away, waiting for it", error=str(error))
    if stop.requested:
        raise StopRequested
