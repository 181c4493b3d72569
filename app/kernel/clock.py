"""The one clock. Every decision about time takes its `now` from here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_offset = timedelta()


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC) + _offset


def shift(seconds: int) -> None:
    """Set the clock ahead (or back) by `seconds`; create_app calls it under HEED_TESTING only."""
    global _offset
    _offset = timedelta(seconds=seconds)
