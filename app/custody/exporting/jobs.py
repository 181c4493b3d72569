"""The jobs of this room: an export is built, and thrown away when its time is over."""

from __future__ import annotations

from uuid import UUID

from app.custody.exporting import service
from app.kernel import outbox


def build_export(tenant_id: UUID, *, export_id: str) -> None:
    """Somebody wants an export."""
    service.build_export(UUID(export_id), outbox.is_leaving)


def expire_export(tenant_id: UUID, *, export_id: str) -> None:
    """An export has been kept long enough."""
    service.expire_export(UUID(export_id))
