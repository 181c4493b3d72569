"""Business calendars: a case keeps the version it was opened with, so that a changed calendar rewrites no history."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel, has_many, tenant_fk


class BusinessCalendar(TenantModel):
    """The working hours of the tenant."""

    __tablename__ = "business_calendars"
    __wall__ = "shared"
    __table_args__ = (UniqueConstraint("tenant_id", "key"),)

    key: Mapped[str]
    name: Mapped[str]
    created_at: Mapped[datetime]

    versions = has_many("BusinessCalendar", "CalendarVersion", "calendar_id", "number")


class CalendarVersion(TenantModel):
    """One state of a calendar: `content` is the JSON that loop/sla/rules.py reads."""

    __tablename__ = "calendar_versions"
    __wall__ = "shared"
    __table_args__ = (
        tenant_fk("calendar_id", "business_calendars"),
        UniqueConstraint("tenant_id", "calendar_id", "number"),
    )

    calendar_id: Mapped[UUID]
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column()
