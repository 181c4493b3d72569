"""What keeps the rollups up to date: one job per change of a response."""

from __future__ import annotations

from uuid import UUID

from app.insights.figures import service


def roll_up_response(tenant_id: UUID, *, response_id: str) -> None:
    """A response is complete, or a part of it was saved."""
    service.roll_up(UUID(response_id))
