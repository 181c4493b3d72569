"""What is kept of a closed month: the comparison of all partners, for staff, and each partner's own card."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from app.kernel.db import TenantModel, tenant_fk


class ScorecardMonth(TenantModel):
    """A month of the tenant: planned, and once it is closed with the comparison of its partners as JSON."""

    __tablename__ = "scorecard_months"
    __wall__ = "staff"
    __rows__ = "whole"
    __table_args__ = (
        UniqueConstraint("tenant_id", "period"),
        CheckConstraint("(closed_at IS NULL) = (network IS NULL)", name="closed"),
    )

    period: Mapped[str]
    planned_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    network: Mapped[str | None]


class ScorecardSnapshot(TenantModel):
    """One partner's card of a closed month, as canonical JSON of what the partner may read. Never written again."""

    __tablename__ = "scorecard_snapshots"
    __wall__ = "own"
    __rows__ = "whole"
    __table_args__ = (
        tenant_fk("partner_id", "partners"),
        UniqueConstraint("tenant_id", "partner_id", "period"),
    )

    partner_id: Mapped[UUID]
    period: Mapped[str]
    content: Mapped[str]
    made_at: Mapped[datetime]
