"""The one clock. Every decision about time takes its `now` from here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_offset = timedelta()
_as_of: ContextVar[datetime | None] = ContextVar("as_of", default=None)


def now() -> datetime:
    """The current time, aware, in UTC; inside `as_of` that moment."""
    return _as_of.get() or actual()


def actual() -> datetime:
    """The current time also inside `as_of`: for what the machine does, such as when a job may run."""
    return datetime.now(UTC) + _offset


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Let the clock of this thread stand at a moment of the past, so that the rooms' verbs tell an invented history.

    For the demo tenant alone (a house test names the callers). Raises ValueError for a moment without offset or later
    than now: nothing may have been done tomorrow.
    """
    if moment.tzinfo is None or moment > actual():
        raise ValueError("the clock can only be set to a past moment with an offset")
    token = _as_of.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _as_of.reset(token)


def shift(seconds: int) -> None:
    """Set the clock ahead (or back) by `seconds`; create_app calls it under HEED_TESTING only."""
    global _offset
    _offset = timedelta(seconds=seconds)
