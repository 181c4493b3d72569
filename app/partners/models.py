"""Partners: firms that deliver a part of the experience in the tenant's name, and the targets agreed with them."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel, tenant_fk
from app.partners.rules import HIGHEST_WEIGHT, Target


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


class PartnerTarget(TenantModel):
    """What was agreed with a partner about one measure from a month on (rules.Target): the partner reads its own.

    Of two that cover a month the one that began last counts.
    """

    __tablename__ = "partner_targets"
    __wall__ = "own"
    __table_args__ = (
        tenant_fk("partner_id", "partners"),
        UniqueConstraint("tenant_id", "partner_id", "measure", "first_month"),
        CheckConstraint(f"weight > 0 AND weight <= {HIGHEST_WEIGHT}", name="weight"),
        CheckConstraint("floor <> target", name="floor"),
        CheckConstraint("min_n > 0", name="min_n"),
        CheckConstraint("last_month >= first_month", name="last_month"),
        CheckConstraint(
            "num_nulls(baseline_first_month, baseline_last_month, baseline_n, baseline_value) IN (0, 4)",
            name="baseline",
        ),
    )

    partner_id: Mapped[UUID]
    measure: Mapped[str]
    weight: Mapped[float] = mapped_column(Double)
    target: Mapped[float] = mapped_column(Double)
    floor: Mapped[float] = mapped_column(Double)
    min_n: Mapped[int]
    first_month: Mapped[str]
    last_month: Mapped[str | None]
    method: Mapped[str]
    agreed_by: Mapped[str]
    agreed_on: Mapped[date]
    baseline_first_month: Mapped[str | None]
    baseline_last_month: Mapped[str | None]
    baseline_n: Mapped[int | None]
    baseline_value: Mapped[float | None] = mapped_column(Double)

    def as_target(self) -> Target:
        """What was agreed, as plain values."""
        return Target(**{field.name: getattr(self, field.name) for field in fields(Target)})
