"""The job of this room: the run of a night."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.custody.keeping import service
from app.kernel import outbox


def apply_retention(tenant_id: UUID, *, at: str) -> None:
    """A night has come."""
    service.apply_retention(datetime.fromisoformat(at), outbox.is_leaving)
