"""The outbox table: work that a committed transaction owes, one row per (event, job)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel


class OutboxRow(TenantModel):
    """One job to run. Open until `done_at` (it ran) or `dead_at` (it was given up) is set."""

    __tablename__ = "outbox"
    __wall__ = "append"
    __table_args__ = (
        UniqueConstraint("tenant_id", "event_id", "job"),
        CheckConstraint("done_at IS NULL OR dead_at IS NULL", name="one_end"),
        Index(
            "ix_outbox_due",
            "tenant_id",
            "is_history",
            "due_at",
            postgresql_where=text("done_at IS NULL AND dead_at IS NULL"),
        ),
    )

    event_id: Mapped[UUID]
    event: Mapped[str]
    job: Mapped[str]
    payload: Mapped[dict[str, Any]]
    is_history: Mapped[bool] = mapped_column(default=False)
    """Comes with imported history, which lets everything that happens now go first."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
