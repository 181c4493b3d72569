"""The people who are asked: Customer, their identifiers, and who must not be written to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel, belongs_to, has_many, one_of, tenant_fk


class Customer(TenantModel):
    """One person, however many addresses they have."""

    __tablename__ = "customers"
    __wall__ = "staff"
    __rows__ = "person"

    name: Mapped[str | None]
    locale: Mapped[str | None]
    timezone: Mapped[str | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    corrections: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What a person here has put right, and when (ISO 8601): `name`, `locale`, `timezone`. No sender overwrites it."""
    created_at: Mapped[datetime]

    identifiers = has_many("Customer", "Identifier", "customer_id", "created_at")
    suppressions = has_many("Customer", "Suppression", "customer_id", "at")

    @property
    def is_forgotten(self) -> bool:
        """Whether this is the one row that stands for everybody who was forgotten; it has the tenant's own id."""
        return self.id == self.tenant_id


class Identifier(TenantModel):
    """An e-mail address, a phone number or a sender's own id; `value_key` is the normalised form that matches."""

    __tablename__ = "customer_identifiers"
    __wall__ = "staff"
    __rows__ = "customer"
    __table_args__ = (
        tenant_fk("customer_id", "customers"),
        UniqueConstraint("tenant_id", "type", "value_key"),
        one_of("type", "email", "phone", "external"),
        Index("ix_customer_identifiers_customer_id", "tenant_id", "customer_id"),
    )

    customer_id: Mapped[UUID]
    type: Mapped[str]
    value: Mapped[str]
    value_key: Mapped[str]
    source: Mapped[str]
    created_at: Mapped[datetime]

    customer = belongs_to("Identifier", "customer_id", "Customer")


class Suppression(TenantModel):
    """The person asked not to be written to; holds for all their addresses until `lifted_at`."""

    __tablename__ = "suppressions"
    __wall__ = "staff"
    __rows__ = "customer"
    __table_args__ = (
        tenant_fk("customer_id", "customers"),
        Index(
            "uq_suppressions_open",
            "tenant_id",
            "customer_id",
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    customer_id: Mapped[UUID]
    at: Mapped[datetime]
    source: Mapped[str]
    lifted_at: Mapped[datetime | None]
