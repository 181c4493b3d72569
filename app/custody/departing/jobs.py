"""The jobs of this room; they belong to no tenant, because they outlive it."""

from __future__ import annotations

from uuid import UUID

from app.custody.departing import aftermath, service
from app.kernel import outbox


def delete_tenant(*, departure_id: str) -> None:
    """The grace is over, or there is more to remove."""
    service.delete_tenant(UUID(departure_id), outbox.is_leaving)


def cancel_subscription(*, departure_id: str) -> None:
    """Nobody is left to pay."""
    aftermath.cancel_subscription(UUID(departure_id))


def forget_people(*, departure_id: str) -> None:
    """Some weeks have passed."""
    aftermath.forget_people(UUID(departure_id))
