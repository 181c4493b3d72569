"""Those who are about to come in: SignUp, TeamInvite."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model, TenantModel, one_of
from app.kernel.ids import new_id
from app.tenants.models import RowScopeColumns, sees_whole
from app.tenants.rules import ROLES


class SignUp(Model):
    """An organisation that somebody wants to set up, until the link in the letter proves whose address it is. Global:
    there is no tenant and no user before that, and no password either, so that nobody can prepare an account for
    somebody else."""

    __tablename__ = "sign_ups"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str]
    organisation: Mapped[str]
    locale: Mapped[str]
    timezone: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class TeamInvite(RowScopeColumns, TenantModel):
    """An offer to one address of one role; open until it is accepted, withdrawn or over."""

    __tablename__ = "team_invites"
    __wall__ = "staff"
    __table_args__ = (
        one_of("role", *ROLES),
        CheckConstraint("(role = 'partner') = (partner_id IS NOT NULL)", name="partner_has_partner"),
        sees_whole(),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by IS NULL)", name="accepted_by_somebody"),
        CheckConstraint("accepted_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        Index(
            "uq_team_invites_email",
            "tenant_id",
            "email",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    email: Mapped[str]
    role: Mapped[str]
    partner_id: Mapped[UUID | None]
    """No foreign key, as in memberships: partners stand on a floor above."""
    locale: Mapped[str]
    """Of the letter: the language of whoever invites."""
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]

    def is_open(self, now: datetime) -> bool:
        """Whether it can be accepted at this moment."""
        return self.accepted_at is None and self.withdrawn_at is None and now < self.expires_at
