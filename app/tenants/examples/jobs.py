"""The jobs of this room: an example goes when nobody looks at it, and its people leave it with their tenant."""

from __future__ import annotations

from uuid import UUID

from app.tenants.examples import service


def remove_unopened(tenant_id: UUID) -> None:
    """Remove an example that nobody has opened for a month."""
    service.remove_unopened()


def leave_example(tenant_id: UUID, *, user_id: str, heir_id: str | None) -> None:
    """Who leaves a tenant, or does not set it up any more, leaves its example, too."""
    service.leave_example(UUID(user_id))
