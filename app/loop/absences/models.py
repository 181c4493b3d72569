"""The absence: somebody's days away, and who stands in for them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import TenantModel
from app.loop.absences.rules import Days


class Absence(TenantModel):
    """From one day to another in the tenant's zone, both included. What was said is kept; it ends by itself after its
    last day, or at `ended_at`."""

    __tablename__ = "absences"
    __wall__ = "staff"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="days"),
        CheckConstraint("deputy_id <> user_id", name="deputy"),
        Index("ix_absences_user_id", "tenant_id", "user_id", "first_on"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    deputy_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    """None once the deputy has left and nobody was named in their place."""
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    """None: until they say that they are back."""
    set_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    set_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When they were back early, or it was taken back."""

    user = relationship("User", primaryjoin="foreign(Absence.user_id) == User.id", viewonly=True, uselist=False)
    deputy = relationship("User", primaryjoin="foreign(Absence.deputy_id) == User.id", viewonly=True, uselist=False)
    setter = relationship("User", primaryjoin="foreign(Absence.set_by) == User.id", viewonly=True, uselist=False)

    def days(self) -> Days:
        """As the rules take it."""
        return Days(self.user_id, self.deputy_id, self.first_on, self.last_on)
