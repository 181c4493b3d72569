"""The job of this room: who works here no more is nobody's deputy."""

from __future__ import annotations

from uuid import UUID

from app.loop.absences import service


def release_member(tenant_id: UUID, *, user_id: str, heir_id: str | None) -> None:
    """Somebody works here no more, or on no cases."""
    service.release_member(UUID(user_id), UUID(heir_id) if heir_id else None)
