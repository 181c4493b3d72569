"""The providers that a tenant trusts with its sign-ins, and whom each of them knows: IdentityProvider, Identity."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel, one_of, tenant_fk
from app.tenants.providers.rules import NEWCOMER_ROLES


class IdentityProvider(TenantModel):
    """Where a tenant's people sign in. Its issuer never changes: who is known to it is known by that name."""

    __tablename__ = "identity_providers"
    __wall__ = "staff"
    __table_args__ = (UniqueConstraint("tenant_id", "issuer"), one_of("newcomer_role", *NEWCOMER_ROLES))

    name: Mapped[str]
    """What stands on the button."""
    issuer: Mapped[str]
    client_id: Mapped[str]
    """Empty, as the secret, until the provider has been told of us and has given both."""
    sealed_secret: Mapped[str]
    domains: Mapped[str]
    """The domains whose addresses it may vouch for, separated by spaces."""
    newcomer_role: Mapped[str | None]
    """What somebody becomes who was not invited; None: invited people only."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @property
    def is_ready(self) -> bool:
        """Whether people can sign in through it."""
        return bool(self.client_id and self.sealed_secret)


class Identity(TenantModel):
    """One person as a provider knows them: by its issuer and their subject, never by an address."""

    __tablename__ = "identities"
    __wall__ = "staff"
    __table_args__ = (
        tenant_fk("provider_id", "identity_providers"),
        UniqueConstraint("tenant_id", "provider_id", "subject"),
        UniqueConstraint("tenant_id", "provider_id", "user_id"),
    )

    provider_id: Mapped[UUID]
    subject: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    linked_at: Mapped[datetime]
    used_at: Mapped[datetime]
