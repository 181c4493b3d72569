"""Departures: which tenant goes, how far it is, and the proof that is left of it. Global, without personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model
from app.kernel.ids import new_id


class Departure(Model):
    """One tenant that goes. What row security lets go of its audit hangs on this row: `closed_at` can be set when the
    grace is over and not before, and a grace has its days unless `is_at_once`."""

    __tablename__ = "departures"
    __table_args__ = (
        CheckConstraint("is_at_once OR ends_at >= asked_at + interval '7 days'", name="grace"),
        CheckConstraint("closed_at IS NULL OR (closed_at >= ends_at AND taken_back_at IS NULL)", name="closed"),
        CheckConstraint("ended_at IS NULL OR (closed_at IS NOT NULL AND proof IS NOT NULL)", name="ended"),
        Index("uq_departures_tenant_id", "tenant_id", unique=True, postgresql_where=text("taken_back_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    asked_by: Mapped[UUID | None]
    """The person who gets the proof; None for an operator's command."""
    asked_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """When the grace is over."""
    is_at_once: Mapped[bool] = mapped_column(default=False)
    frees_slug: Mapped[bool] = mapped_column(default=False)
    taken_back_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """Since when nobody comes in and nothing goes out."""
    audit_head: Mapped[dict[str, Any] | None]
    removed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Rows removed up to now, by table; each batch counts itself in its own transaction."""
    people: Mapped[list[str] | None] = mapped_column(JSONB)
    """Who worked there, by id, until their log-ins have been looked at."""
    stripe_customer_id: Mapped[str | None]
    """Who they were at Stripe, until nothing can be bought there any more."""
    ended_at: Mapped[datetime | None]
    proof: Mapped[dict[str, Any] | None]
