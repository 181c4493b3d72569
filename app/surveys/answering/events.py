"""What happens to responses."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True)
class ResponseSubmitted(Event):
    """A response is complete and counts; an answer to a follow-up is another event."""

    response_id: UUID


@dataclass(frozen=True)
class ResponseSaved(Event):
    """A part of a response was saved; its jobs run once the customer has had time to go on."""

    response_id: UUID


@dataclass(frozen=True)
class ResponseReleased(Event):
    """A response that was over the plan counts from now on; all else was done about it when it came in."""

    response_id: UUID


@dataclass(frozen=True)
class FollowUpAnswered(Event):
    """An answer to a follow-up is complete, or a part of it was saved and its customer has had time to go on."""

    response_id: UUID
