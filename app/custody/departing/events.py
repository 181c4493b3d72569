"""What happens when a tenant goes; of no tenant, because these jobs have to outlive it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.events import DirectoryEvent


@dataclass(frozen=True)
class DepartureDue(DirectoryEvent):
    """The grace is over, or there is more to remove."""

    departure_id: UUID


@dataclass(frozen=True)
class SubscriptionLeft(DirectoryEvent):
    """What is bought at Stripe, or may be a little later, belongs to nobody any more."""

    departure_id: UUID


@dataclass(frozen=True)
class PeopleLeft(DirectoryEvent):
    """Who worked there and nowhere else has had time to go on."""

    departure_id: UUID
