"""Outbound messages: what was to be sent, and what is known of its fate."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel, one_of


class Message(TenantModel):
    """One rendered mail. `queued` -> `handing_over` -> `sent` or `failed`; a hand-over without a recorded result is
    `uncertain` and never repeated by itself."""

    __tablename__ = "messages"
    __wall__ = "staff"
    __rows__ = "message"
    __table_args__ = (
        UniqueConstraint("tenant_id", "purpose", "reference_id"),
        one_of("channel", "email"),
        one_of("state", "queued", "handing_over", "sent", "uncertain", "failed"),
        CheckConstraint("(state = 'queued') = (handed_over_at IS NULL)", name="handed_over"),
        Index("ix_messages_created_at", "tenant_id", "created_at"),
    )

    purpose: Mapped[str]
    """What it is for, e.g. `invitation`; with `reference_id` it makes sure that nothing is sent twice."""
    reference_id: Mapped[UUID]
    channel: Mapped[str]
    to_address: Mapped[str]
    from_name: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="queued")
    created_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None]
