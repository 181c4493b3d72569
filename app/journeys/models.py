"""Who delivers what: departments, and journeys made of stages made of touchpoints."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel, belongs_to, has_many, one_of, tenant_fk


class Department(TenantModel):
    """A department of the tenant; `layer` says whether customers meet it."""

    __tablename__ = "departments"
    __wall__ = "shared"
    __table_args__ = (UniqueConstraint("tenant_id", "key"), one_of("layer", "frontline", "support"))

    key: Mapped[str]
    name: Mapped[str]
    layer: Mapped[str]
    created_at: Mapped[datetime]


class Journey(TenantModel):
    """What a customer sets out to do, from first to last stage."""

    __tablename__ = "journeys"
    __wall__ = "shared"
    __table_args__ = (UniqueConstraint("tenant_id", "key"),)

    key: Mapped[str]
    name: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    stages = has_many("Journey", "Stage", "journey_id", "position")


class Stage(TenantModel):
    """One part of a journey."""

    __tablename__ = "stages"
    __wall__ = "shared"
    __table_args__ = (tenant_fk("journey_id", "journeys"), UniqueConstraint("tenant_id", "journey_id", "key"))

    journey_id: Mapped[UUID]
    key: Mapped[str]
    name: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)

    journey = belongs_to("Stage", "journey_id", "Journey")
    touchpoints = has_many("Stage", "Touchpoint", "stage_id", "position")


class Touchpoint(TenantModel):
    """A moment in which the customer meets the brand; a department or a partner answers for it (or nobody yet)."""

    __tablename__ = "touchpoints"
    __wall__ = "shared"
    __table_args__ = (
        tenant_fk("stage_id", "stages"),
        tenant_fk("department_id", "departments"),
        tenant_fk("partner_id", "partners"),
        UniqueConstraint("tenant_id", "key"),
        CheckConstraint("department_id IS NULL OR partner_id IS NULL", name="one_responsible"),
        CheckConstraint("desired_emotion BETWEEN 1 AND 20", name="desired_emotion"),
    )

    stage_id: Mapped[UUID]
    key: Mapped[str]
    name: Mapped[str]
    channel: Mapped[str]
    department_id: Mapped[UUID | None]
    partner_id: Mapped[UUID | None]
    desired_emotion: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    stage = belongs_to("Touchpoint", "stage_id", "Stage")
    department = belongs_to("Touchpoint", "department_id", "Department")
    partner = belongs_to("Touchpoint", "partner_id", "Partner")
