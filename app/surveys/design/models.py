"""Surveys: the draft that an admin edits, and the versions that publishing freezes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel, belongs_to, has_many, one_of, tenant_fk


class Survey(TenantModel):
    """One survey. `kind` and `is_anonymous` are fixed by the first publication."""

    __tablename__ = "surveys"
    __wall__ = "staff"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        one_of("kind", "transactional", "relationship", "follow_up", "internal"),
        CheckConstraint("last_version >= 0", name="last_version"),
    )

    key: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    is_anonymous: Mapped[bool] = mapped_column(default=False)
    has_open_link: Mapped[bool] = mapped_column(default=False)
    draft: Mapped[dict[str, Any]]
    last_version: Mapped[int] = mapped_column(default=0)
    """Number of the newest published version; 0 before the first."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    versions = has_many("Survey", "SurveyVersion", "survey_id", "number")


class SurveyVersion(TenantModel):
    """A frozen definition: `definition` is canonical JSON text, the same bytes for ever."""

    __tablename__ = "survey_versions"
    __wall__ = "staff"
    __table_args__ = (tenant_fk("survey_id", "surveys"), UniqueConstraint("tenant_id", "survey_id", "number"))

    survey_id: Mapped[UUID]
    number: Mapped[int]
    definition: Mapped[str]
    etag: Mapped[str]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    override_reason: Mapped[str | None]

    survey = belongs_to("SurveyVersion", "survey_id", "Survey")
