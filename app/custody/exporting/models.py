"""Exports that were asked for, and the file of each in parts that every machine reaches."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.custody.exporting.rules import PART_BYTES, STATES
from app.kernel.db import TenantModel, one_of, tenant_fk


class Export(TenantModel):
    """One full export; at most one of a tenant is under way. The file goes after some days, this row stays."""

    __tablename__ = "exports"
    __wall__ = "staff"
    __rows__ = "whole"
    __table_args__ = (
        one_of("state", *STATES),
        CheckConstraint("(claim IS NULL) = (claimed_until IS NULL)", name="claim"),
        Index(
            "uq_exports_under_way",
            "tenant_id",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'building')"),
        ),
    )

    asked_by: Mapped[UUID]
    """The person with whose rights it is built and fetched. No foreign key: the file outlives nobody's account."""
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    claim: Mapped[UUID | None]
    """Who builds it: whoever was thought dead and comes back finds another one here, and stops."""
    claimed_until: Mapped[datetime | None]
    doing: Mapped[str | None]
    """The file inside that is being written."""
    rows: Mapped[int] = mapped_column(BigInteger, default=0)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    """Of the file, in bytes."""
    ended_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]

    def can_be_had(self, now: datetime) -> bool:
        """Whether its file is there and its week is not over, though nobody has thrown it away yet."""
        return self.state == "ready" and self.expires_at is not None and now < self.expires_at


class ExportPart(TenantModel):
    """A piece of an export's file."""

    __tablename__ = "export_parts"
    __wall__ = "staff"
    __rows__ = "whole"
    __table_args__ = (
        tenant_fk("export_id", "exports"),
        UniqueConstraint("tenant_id", "export_id", "number"),
        CheckConstraint(f"octet_length(content) BETWEEN 1 AND {PART_BYTES}", name="content"),
    )

    export_id: Mapped[UUID]
    number: Mapped[int]
    content: Mapped[bytes]
