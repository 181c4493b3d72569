"""Talking to providers: a few at a time and not for long, so that slow ones leave threads of this process to others.

with talks.talk():  # raises Busy
    ... requests, each within talks.seconds_left() ...
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from uuid import UUID

from app.kernel import scope

MOST_SECONDS = 8.0
"""So long all requests of one talk may take together."""
MOST_AT_ONCE, MOST_OF_ONE_TENANT = 6, 3
"""Of the sixteen threads of a process; one tenant's provider leaves room for those of others."""

_lock = threading.Lock()
_under_way: Counter[UUID] = Counter()
_end: ContextVar[float] = ContextVar("end of the talk")


class Busy(Exception):
    """As many talks are under way in this process as there may be."""


@contextmanager
def talk() -> Iterator[None]:
    """Ask a provider of the scope's tenant one thing after the other. Raises Busy."""
    tenant_id = scope.tenant_id()
    _begin(tenant_id)
    mark = _end.set(monotonic() + MOST_SECONDS)
    try:
        yield
    finally:
        _end.reset(mark)
        with _lock:
            _under_way[tenant_id] -= 1
            if not _under_way[tenant_id]:
                del _under_way[tenant_id]


def seconds_left() -> float:
    """How long the next request of this talk may take; none or less when it has taken too long."""
    return _end.get() - monotonic()


def _begin(tenant_id: UUID) -> None:
    with _lock:
        if _under_way.total() >= MOST_AT_ONCE or _under_way[tenant_id] >= MOST_OF_ONE_TENANT:
            raise Busy("Too many sign-ins are under way at this moment.")
        _under_way[tenant_id] += 1
