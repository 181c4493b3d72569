"""The wake-up: a content-free job that tells a worker to look into the outbox. Losing one costs time, never work."""

from __future__ import annotations

import logging
import time

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from app.config import Settings

QUEUE_NAME = "heed"
JOB = "app.kernel.outbox.drain_job"
_MOST_WAITING = 4
_QUIET_SECONDS = 1.0

log = logging.getLogger(__name__)
_queue: Queue | None = None
_quiet_until = 0.0


def connection(settings: Settings, timeout: float | None = None) -> Redis:
    """A Redis client; with `timeout` (seconds) it gives up quickly and never retries."""
    url = settings.redis_url
    if timeout is None:
        return Redis.from_url(url)
    return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=None)


def init(settings: Settings) -> None:
    """Connect the wake-up to its queue (lazily: nothing is contacted here)."""
    global _queue
    _queue = Queue(QUEUE_NAME, connection=connection(settings, timeout=0.2), serializer=JSONSerializer)


def wake() -> None:
    """Ask a worker to drain the outbox. Bounded and harmless: without Redis the sweeper finds the rows by itself."""
    global _quiet_until
    if _queue is None or time.monotonic() < _quiet_until:
        return
    try:
        if _queue.count < _MOST_WAITING:
            # No alarm: it would break off whatever job runs at that second, and leases and fences bound them already.
            _queue.enqueue(JOB, result_ttl=0, failure_ttl=3600, job_timeout=-1)
    except (RedisError, OSError) as error:
        # A dead Redis must cost a request 0.2 s once, not every time.
        _quiet_until = time.monotonic() + _QUIET_SECONDS
        log.warning("no wake-up, Redis is away: %s", error)


def depth() -> int | None:
    """How many wake-ups wait, or None when Redis is away."""
    try:
        return _queue.count if _queue else None
    except (RedisError, OSError):
        return None
