"""Looking up the providers of the scope's tenant, and whom they know."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cryptography.fernet import InvalidToken
from flask import current_app
from sqlalchemy import select

from app.config import Settings
from app.kernel import scope, sealing, tokens
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.tenants.models import User
from app.tenants.providers.models import Identity, IdentityProvider
from app.tenants.providers.protocol import ProviderFault, Registration

SEALED_FOR = "client secret of an identity provider"
"""What the secrets are sealed for."""
BACK = "back from a provider"
"""What the redirect addresses are made for: one for each provider, so that the answer of one is none of another."""


def list_providers() -> Sequence[IdentityProvider]:
    """The tenant's providers, by name."""
    return db.session.scalars(select(IdentityProvider).order_by(IdentityProvider.name, IdentityProvider.id)).all()


def has_ready_provider() -> bool:
    """Whether anybody can sign in through a provider of the tenant."""
    return any(row.is_ready for row in list_providers())


def list_identities(provider_id: UUID) -> list[tuple[Identity, User]]:
    """Whom a provider knows, by address."""
    query = select(Identity, User).join(User, User.id == Identity.user_id).where(Identity.provider_id == provider_id)
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(User.email))]


def find_identity(provider_id: UUID, subject: str) -> Identity | None:
    """Who this subject of a provider is."""
    query = select(Identity).where(Identity.provider_id == provider_id, Identity.subject == subject)
    return db.session.scalar(query)


def is_known_otherwise(provider_id: UUID, user_id: UUID) -> bool:
    """Whether a person is known to a provider already."""
    query = select(Identity.id).where(Identity.provider_id == provider_id, Identity.user_id == user_id)
    return db.session.scalar(query) is not None


def registration(provider: IdentityProvider) -> Registration:
    """What the provider and we know of each other, as plain values that outlive the transaction. Raises NotFound for
    one that is not ready, and ProviderFault for a secret that was sealed with another key of the installation."""
    if not provider.is_ready:
        raise NotFound()
    settings = _settings()
    try:
        secret = sealing.unseal(SEALED_FOR, provider.sealed_secret)
    except InvalidToken as error:
        raise ProviderFault("The client secret can be read no more; enter it again.") from error
    return Registration(
        provider.issuer,
        provider.client_id,
        secret,
        redirect_uri(provider.id),
        settings.private_receivers,
    )


def redirect_uri(provider_id: UUID) -> str:
    """Where a provider sends people back to; it compares this letter by letter."""
    return f"{_settings().base_url}/sign-in/back/{tokens.issue(BACK, scope.tenant_id(), provider_id)}"


def _settings() -> Settings:
    found: Settings = current_app.extensions["heed_settings"]
    return found
