"""The job of this room: a queued message is handed over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.delivery import service


def send_message(tenant_id: UUID, *, message_id: str, before: str | None) -> None:
    """Hand a queued message over."""
    service.send_message(UUID(message_id), datetime.fromisoformat(before) if before else None)
