"""Setting up a tenant's providers, trying them, and taking away whom they know."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import current_app
from sqlalchemy import delete

from app.config import Settings
from app.kernel import clock, scope, sealing
from app.kernel.db import atomic, db, get_row
from app.kernel.errors import Conflict, Fault, Invalid
from app.kernel.ids import new_id
from app.kernel.inserts import insert_if_new
from app.kernel.outbound.addresses import Networks
from app.tenants import audit
from app.tenants import queries as tenants
from app.tenants.accounts import service as accounts
from app.tenants.accounts.rules import PROVIDER
from app.tenants.models import Tenant
from app.tenants.providers import protocol, queries, talks
from app.tenants.providers.models import Identity, IdentityProvider
from app.tenants.providers.protocol import ProviderFault
from app.tenants.providers.queries import SEALED_FOR
from app.tenants.providers.rules import MOST_DOMAINS, MOST_PROVIDERS, NEWCOMER_ROLES, read_domains
from app.tenants.providers.talks import Busy

_LONGEST = 300


@dataclass(frozen=True)
class ProviderInput:
    """What an admin says of a provider. Client id and secret come from it once it knows of us; an empty `secret` keeps
    the one there is."""

    name: str
    client_id: str
    secret: str
    domains: str
    newcomer_role: str | None


def add_provider(issuer: str, given: ProviderInput) -> IdentityProvider:
    """Trust another provider, once its discovery has answered and named this very issuer.

    Raises Invalid with faults at /name, /issuer, /domains, /newcomer_role; Conflict at /issuer/known for one that is
    there already, and at /issuer/most for one too many.
    """
    issuer = issuer.strip()
    domains = _check(given)
    _check_discovery(issuer)
    with atomic():
        tenants.lock_settings()
        if len(queries.list_providers()) >= MOST_PROVIDERS:
            raise Conflict(
                "There are as many providers as there may be.", [Fault("/issuer/most", "too many providers")]
            )
        now = clock.now()
        values = {**_values(given, domains), "sealed_secret": _sealed(given.secret)}
        row = insert_if_new(IdentityProvider, id=new_id(), issuer=issuer, created_at=now, changed_at=now, **values)
        if row is None:
            raise Conflict("This provider is there already.", [Fault("/issuer/known", "is there already")])
        audit.record("provider.added", "provider", row.id, after=_told(row))
        return row


def change_provider(provider_id: UUID, given: ProviderInput) -> None:
    """Change what is known of a provider; its issuer stays.

    Raises NotFound, Invalid as add_provider does, and Conflict at /client_id where it is the last one that is ready and
    the tenant asks everybody to come through its provider.
    """
    domains = _check(given)
    with atomic():
        tenant = tenants.get_tenant_locked(scope.tenant_id())
        row = get_row(IdentityProvider, provider_id, lock=True)
        before = _told(row)
        for name, value in _values(given, domains).items():
            setattr(row, name, value)
        if given.secret.strip():
            row.sealed_secret = _sealed(given.secret)
        row.changed_at = clock.now()
        _refuse_without_provider(tenant)
        after = {**_told(row), "secret_changed": bool(given.secret.strip())}
        audit.record("provider.changed", "provider", row.id, before=before, after=after)


def remove_provider(provider_id: UUID) -> None:
    """Trust a provider no more; sessions that were nothing but its word end.

    Raises NotFound, and Conflict for the last one that is ready where the tenant asks everybody to come through its
    provider.
    """
    with atomic() as session:
        tenant = tenants.get_tenant_locked(scope.tenant_id())
        row = get_row(IdentityProvider, provider_id, lock=True)
        session.execute(delete(Identity).where(Identity.provider_id == row.id))
        session.delete(row)
        _refuse_without_provider(tenant)
        accounts.withdraw_vouching(tenant.id)
        audit.record("provider.removed", "provider", row.id, before=_told(row))


def try_provider(provider_id: UUID) -> str | None:
    """Ask a provider for its discovery now: None when it holds, else what is wrong. Raises NotFound."""
    with atomic():
        issuer = get_row(IdentityProvider, provider_id).issuer
    try:
        with talks.talk():
            protocol.discover(issuer, _private())
    except (ProviderFault, Busy) as fault:
        return str(fault)
    return None


def unlink(provider_id: UUID, identity_id: UUID) -> None:
    """Let a provider no longer know a person, and end the sessions that were nothing but its word. Raises NotFound."""
    with atomic() as session:
        get_row(IdentityProvider, provider_id)
        row = get_row(Identity, identity_id, lock=True)
        session.delete(row)
        accounts.withdraw_vouching(scope.tenant_id(), row.user_id)
        audit.record("provider.unlinked", "user", row.user_id, before={"subject": row.subject})


def _refuse_without_provider(tenant: Tenant) -> None:
    """The tenant's row is locked, so that nobody asks everybody to come through a provider that is just being taken."""
    db.session.flush()
    if tenant.sign_in_rule == PROVIDER and not queries.has_ready_provider():
        fault = Fault("/client_id", "is needed while everybody signs in through this provider")
        raise Conflict("Everybody has to sign in through this provider. Ask for another way first.", [fault])


def _check(given: ProviderInput) -> list[str]:
    good, bad = read_domains(given.domains)
    told = {"/name": given.name.strip(), "/client_id": given.client_id.strip(), "/secret": given.secret}
    faults = [Fault(where, f"at most {_LONGEST} characters") for where, text in told.items() if len(text) > _LONGEST]
    if not given.name.strip():
        faults.append(Fault("/name", "1 to 300 characters"))
    if bad or not 1 <= len(good) <= MOST_DOMAINS:
        faults.append(Fault("/domains", f"is no domain: {', '.join(bad)[:200]}" if bad else "1 to 50 domains"))
    if given.newcomer_role is not None and given.newcomer_role not in NEWCOMER_ROLES:
        faults.append(Fault("/newcomer_role", f"one of {', '.join(NEWCOMER_ROLES)}"))
    if faults:
        raise Invalid("The provider cannot be taken as it stands.", faults)
    return good


def _check_discovery(issuer: str) -> None:
    if "?" in issuer or "#" in issuer:
        raise Invalid("The issuer is no such address.", [Fault("/issuer", "has a query or a fragment")])
    try:
        with talks.talk():
            protocol.discover(issuer, _private())
    except (ProviderFault, Busy) as fault:
        raise Invalid("The provider does not answer as it should.", [Fault("/issuer", str(fault))]) from fault


def _private() -> Networks:
    settings: Settings = current_app.extensions["heed_settings"]
    return settings.private_receivers


def _values(given: ProviderInput, domains: list[str]) -> dict[str, str | None]:
    return {
        "name": given.name.strip(),
        "client_id": given.client_id.strip(),
        "domains": " ".join(domains),
        "newcomer_role": given.newcomer_role,
    }


def _sealed(secret: str) -> str:
    return sealing.seal(SEALED_FOR, secret.strip()) if secret.strip() else ""


def _told(row: IdentityProvider) -> dict[str, str | None]:
    """What the audit says of a provider; the secret is not in it."""
    return {
        "name": row.name,
        "issuer": row.issuer,
        "client_id": row.client_id,
        "domains": row.domains,
        "role": row.newcomer_role,
    }
