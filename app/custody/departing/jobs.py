"""The jobs of this room; they belong to no tenant, because they outlive it."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from app.custody.departing import aftermath, service
from app.kernel import outbox
from app.kernel.errors import Conflict


def delete_tenant(*, departure_id: str) -> None:
    """The grace is over, or there is more to remove."""
    service.delete_tenant(UUID(departure_id), outbox.is_leaving)


def delete_example(*, example_id: str) -> None:
    """Nobody looks around in an example any more."""
    with suppress(Conflict):  # asked for already
        service.remove_now(UUID(example_id), frees_slug=True)


def cancel_subscription(*, departure_id: str) -> None:
    """Nobody is left to pay."""
    aftermath.cancel_subscription(UUID(departure_id))


def forget_people(*, departure_id: str) -> None:
    """Some weeks have passed."""
    aftermath.forget_people(UUID(departure_id))
