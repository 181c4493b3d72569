"""The outbox tables: work that a committed transaction owes, one row per (event, job); a tenant's, and nobody's."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model, TenantModel
from app.kernel.ids import new_id

_OPEN = text("done_at IS NULL AND dead_at IS NULL")


class OutboxColumns:
    """One job to run. Open until `done_at` (it ran) or `dead_at` (it was given up) is set."""

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


class OutboxRow(OutboxColumns, TenantModel):
    """A job of one tenant."""

    __tablename__ = "outbox"
    __wall__ = "append"
    __rows__ = "whole"
    __table_args__ = (
        UniqueConstraint("tenant_id", "event_id", "job"),
        CheckConstraint("done_at IS NULL OR dead_at IS NULL", name="one_end"),
        Index("ix_outbox_due", "tenant_id", "is_history", "due_at", postgresql_where=_OPEN),
        Index("ix_outbox_dead", "dead_at", postgresql_where=text("dead_at IS NOT NULL")),
    )


class DirectoryOutboxRow(OutboxColumns, Model):
    """A job about a person who may be in no tenant, or in several. Global and rarely written: letters to people who
    sign up or have forgotten their password."""

    __tablename__ = "directory_outbox"
    __table_args__ = (
        UniqueConstraint("event_id", "job"),
        CheckConstraint("done_at IS NULL OR dead_at IS NULL", name="one_end"),
        Index("ix_directory_outbox_due", "is_history", "due_at", postgresql_where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
