"""What a tenant has chosen about how long its data is kept, and how far the run of this night is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.custody.keeping.rules import CLASSES, LEAST, MOST, Terms
from app.kernel.db import TenantModel


class Retention(TenantModel):
    """One row per tenant, made when somebody has chosen; without it nothing is let go."""

    __tablename__ = "retentions"
    __wall__ = "staff"
    __table_args__ = (
        UniqueConstraint("tenant_id"),
        *(
            CheckConstraint(f"{kind}_months BETWEEN {LEAST[kind]} AND {MOST}", name=f"{kind}_months")
            for kind in CLASSES
        ),
    )

    invitation_months: Mapped[int | None]
    """None: for good; so with the others."""
    response_months: Mapped[int | None]
    case_months: Mapped[int | None]
    audit_months: Mapped[int | None]
    is_held: Mapped[bool] = mapped_column(default=False)
    """A legal hold: nothing is let go as long as it lasts."""
    next_at: Mapped[datetime]
    done: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the running run has let go; each batch counts itself."""

    @property
    def terms(self) -> Terms:
        """What the rules decide from."""
        return Terms(self.invitation_months, self.response_months, self.case_months, self.audit_months)

    def cutoff(self, kind: str, now: datetime) -> datetime | None:
        """What of a class is older may go; None when nothing may, as during a hold."""
        return None if self.is_held else self.terms.cutoff(kind, now)
