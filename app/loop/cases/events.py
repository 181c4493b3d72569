"""What happened to a case that somebody has to come back to."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True)
class ClockStarted(Event):
    """A clock of a case runs towards `due_at` (ISO 8601); published to be heard then. `clock` is first_contact or
    resolution."""

    case_id: UUID
    clock: str
    due_at: str


@dataclass(frozen=True)
class PauseStarted(Event):
    """The resolution clock stands still; published to be heard when it has stood for as long as it may."""

    case_id: UUID
    pause_id: UUID


@dataclass(frozen=True)
class CaseClosed(Event):
    """A case was closed: what its customer thinks of that is still to be asked."""

    case_id: UUID
    closure_id: UUID


@dataclass(frozen=True)
class PartnerAsked(Event):
    """The partner of a case was asked something: its users are still to be told, and reminded before it is due."""

    question_id: UUID
    is_reminder: bool = False


@dataclass(frozen=True)
class PartnerSpoke(Event):
    """The partner of a case has answered, or told a fact: the case is still to hear of it."""

    statement_id: UUID


@dataclass(frozen=True)
class CaseTold(Event):
    """A line that others than our own people wait for was added to the timeline of a case (telling.TOLD)."""

    event_id: UUID
