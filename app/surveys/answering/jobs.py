"""The job of this room: answers over the plan come to count."""

from __future__ import annotations

from uuid import UUID

from app.surveys.answering import service


def release_over_plan(tenant_id: UUID) -> None:
    """A subscription has changed: what was over the plan may be covered now."""
    service.release_over_plan()
