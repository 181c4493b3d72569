"""The counters of the limiter, which outlive a test."""

from __future__ import annotations

import time

from redis.exceptions import RedisError

from app.extensions import limiter


def forget_tries() -> None:
    """Let nobody have tried anything yet. The limiter is made to wait for Redis a fifth of a second only, which is too
    short on a busy machine."""
    for _turn in range(20):
        try:
            limiter.reset()
        except RedisError:
            time.sleep(0.2)
        else:
            return
    limiter.reset()
