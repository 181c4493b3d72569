"""Those who are about to come in: SignUp."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model
from app.kernel.ids import new_id


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
