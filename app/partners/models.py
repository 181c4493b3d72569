"""Partners: firms that deliver a part of the experience in the tenant's name."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from app.kernel.db import TenantModel


class Partner(TenantModel):
    """One partner. `partner_id` repeats the id, so that the partner wall has the same shape on every table."""

    __tablename__ = "partners"
    __wall__ = "own"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        CheckConstraint("partner_id = id", name="partner_id_is_id"),
    )

    key: Mapped[str]
    name: Mapped[str]
    partner_id: Mapped[UUID]
    created_at: Mapped[datetime]
