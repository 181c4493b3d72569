"""Exports in plain words."""

from __future__ import annotations

from flask_babel import format_decimal
from flask_babel import lazy_gettext as _l

from app.custody.exporting.rules import UNDER_WAY

__all__ = ["STATE_WORDS", "UNDER_WAY", "size"]

STATE_WORDS = {
    "waiting": _l("waits for its turn"),
    "building": _l("is being made"),
    "ready": _l("ready"),
    "cancelled": _l("cancelled"),
    "failed": _l("failed"),
    "expired": _l("deleted after its week"),
}


def size(count: int) -> str:
    """A number of bytes for people: "1.2 MB"."""
    if count < 100_000:
        return f"{format_decimal(max(1, round(count / 1000)))} kB"
    return f"{format_decimal(round(count / 1_000_000, 1))} MB"
