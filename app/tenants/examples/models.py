"""How far an example is: how much of it is told, and when somebody last looked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel
from app.tenants.examples.rules import FIRST_FIGURES


class Example(TenantModel):
    """One row in a tenant that is an example, none in any other."""

    __tablename__ = "examples"
    __wall__ = "staff"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    begun_at: Mapped[datetime]
    """When it was asked for: the day that its story ends with."""
    opened_at: Mapped[datetime]
    """When somebody looked at it, to the day."""
    told: Mapped[int] = mapped_column(default=0)
    """How many chapters of its story are there."""
    told_at: Mapped[datetime | None]
    """Since when all of them are."""

    @property
    def is_begun(self) -> bool:
        """Whether its pages show how customers feel now."""
        return self.told >= FIRST_FIGURES

    def has_more_to_show(self, before: int) -> bool:
        """Whether a page that was drawn after `before` chapters is worth drawing anew."""
        return self.told_at is not None or before < FIRST_FIGURES <= self.told
