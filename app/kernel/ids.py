"""Ids: UUIDv7, made in the application, so that they sort by time and need no sequence."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7."""
    return uuid7()


def parse_id(text: str) -> UUID | None:
    """The UUID that `text` spells, or None: an id that cannot be one is simply unknown."""
    try:
        return UUID(text)
    except ValueError:
        return None
