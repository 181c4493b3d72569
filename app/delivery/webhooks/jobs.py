"""The job of this room: old deliveries are forgotten."""

from __future__ import annotations

from uuid import UUID

from app.delivery.webhooks import service


def forget_deliveries(tenant_id: UUID) -> None:
    """Some may have been kept long enough."""
    service.forget_old()
