"""What is done about the demo tenant after the first start."""

from __future__ import annotations

from uuid import UUID

from app.demo.shop import service
from app.kernel import outbox


def fill_shop(tenant_id: UUID) -> None:
    """The demo tenant is there: tell its year, or ask for it again when this process has to stop meanwhile."""
    service.fill_shop_unless(outbox.is_leaving)
