"""What became of a message. `purpose` and `reference_id` are the words of the room that asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True)
class MessageQueued(Event):
    """A message waits to be handed over; `before` (ISO 8601 or None) is when that is no longer wanted."""

    message_id: UUID
    before: str | None


@dataclass(frozen=True)
class MessageSent(Event):
    """The server of the next hop has taken it."""

    purpose: str
    reference_id: UUID


@dataclass(frozen=True)
class MessageFailed(Event):
    """It was refused for good, or not taken in all the time we tried."""

    purpose: str
    reference_id: UUID


@dataclass(frozen=True)
class MessageUncertain(Event):
    """It was handed over and nobody can know whether it was taken; it is not sent again."""

    purpose: str
    reference_id: UUID


@dataclass(frozen=True)
class MessageLapsed(Event):
    """It could not be handed over in its hours and is gone; who asked may ask again."""

    purpose: str
    reference_id: UUID
