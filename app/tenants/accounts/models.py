"""What belongs to a person and to no tenant: UserSession, SignIn, Passkey, Authenticator, RecoveryCode."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model, one_of
from app.kernel.ids import new_id
from app.tenants.accounts.rules import WAYS


class UserSession(Model):
    """One browser in which a person is signed in; the browser holds the secret, this row only its digest."""

    __tablename__ = "user_sessions"
    __table_args__ = (
        one_of("way", *WAYS),
        CheckConstraint("way <> 'provider' OR vouched_tenant_id IS NOT NULL", name="vouched"),
        Index("ix_user_sessions_user_id", "user_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the secret, in hex."""
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    way: Mapped[str]
    vouched_tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenants.id"))
    """The tenant whose provider speaks for this session. With no proof of the person's own it opens that one alone."""
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """Of the last request, to within five minutes."""
    fresh_until: Mapped[datetime]
    """Until then nobody asks again who it is."""
    address: Mapped[str | None]
    browser: Mapped[str]
    ended_at: Mapped[datetime | None]


class SignIn(Model):
    """One try to sign in as a person, for that person to look at."""

    __tablename__ = "sign_ins"
    __table_args__ = (one_of("way", *WAYS), Index("ix_sign_ins_user_id_at", "user_id", "at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    way: Mapped[str]
    succeeded: Mapped[bool]
    address: Mapped[str | None]
    browser: Mapped[str]


class Passkey(Model):
    """A key that an authenticator of the person holds; only its public half is here."""

    __tablename__ = "passkeys"
    __table_args__ = (Index("ix_passkeys_user_id", "user_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[str]
    """Words separated by spaces, as the browser gave them."""
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    challenged_at: Mapped[datetime]
    """When the newest challenge that it has answered was issued; an answer to that one or an older one is a replay."""


class Authenticator(Model):
    """The app in which a person reads one-time codes; at most one."""

    __tablename__ = "authenticators"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    secret: Mapped[str]
    """Encrypted with a key of the installation."""
    last_counter: Mapped[int]
    """The half minute of the last code that was taken; that one and older ones are not taken again."""
    made_at: Mapped[datetime]


class RecoveryCode(Model):
    """A code on paper that stands in once for the second step."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_user_id", "user_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    digest: Mapped[str]
    used_at: Mapped[datetime | None]
