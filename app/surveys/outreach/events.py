"""What happened to an invitation."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True)
class InvitationScheduled(Event):
    """An invitation is planned; published with the time when it is due."""

    invitation_id: UUID


@dataclass(frozen=True)
class InvitationSent(Event):
    """An invitation went out; published with the time when it expires."""

    invitation_id: UUID
