"""What is done about the demo tenant after the first start."""

from __future__ import annotations

from uuid import UUID

from app.demo.shop import service


def fill_shop(tenant_id: UUID) -> None:
    """The demo tenant is there: tell its year."""
    service.fill_shop()
