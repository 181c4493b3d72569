"""Setting up endpoints and their secrets."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import delete, func, select

from app.config import Settings
from app.delivery.webhooks import queries
from app.delivery.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.delivery.webhooks.rules import KINDS, MOST_ENDPOINTS, OLD_SECRET_FOR
from app.delivery.webhooks.secrets import new_secret
from app.delivery.webhooks.service.deliveries import give_up_waiting
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Fault, Invalid
from app.kernel.inserts import find_by_key, find_or_insert
from app.kernel.naming import checked_key
from app.kernel.outbound.addresses import AddressRefused, Networks, check_url
from app.kernel.outbound.client import resolve
from app.tenants import audit
from app.tenants import queries as tenants


@dataclass(frozen=True)
class EndpointInput:
    """Where to, and of what. An endpoint that is switched on again starts with a clean slate."""

    url: str
    kinds: tuple[str, ...]
    is_active: bool = True


def put_endpoint(key: str, given: EndpointInput) -> tuple[WebhookEndpoint, str | None]:
    """Make the endpoint `key`, or make it as given; returns (endpoint, the secret of a new one, shown this once).

    Raises Invalid for a bad key, an unknown kind or an address that we do not go to, Conflict above the most endpoints.
    """
    key = checked_key(key)
    _check(given)
    text, sealed = new_secret()
    with atomic():
        endpoint, is_new = find_or_insert(
            WebhookEndpoint,
            lambda: find_by_key(WebhookEndpoint, key, lock=True),
            lambda: {"key": key, "sealed_secret": sealed, **_values(given), "created_at": clock.now()},
        )
        if is_new:
            _refuse_too_many()
            audit.record("webhook.added", "webhook", key, after=_told(endpoint))
            return endpoint, text
        _change(endpoint, given)
        return endpoint, None


def add_endpoint(key: str, given: EndpointInput) -> tuple[WebhookEndpoint, str]:
    """Make a new endpoint; returns (endpoint, its secret, shown this once). Raises Conflict for a key that is taken,
    else as put_endpoint."""
    with atomic():
        found = find_by_key(WebhookEndpoint, key)
        endpoint, secret = (found, None) if found is not None else put_endpoint(key, given)
        if secret is None:  # also when somebody has made it since we looked; what was changed of theirs is taken back
            raise Conflict("There is a webhook with this key already.", [Fault("/key", "taken")])
        return endpoint, secret


def remove_endpoint(key: str) -> None:
    """Take an endpoint away with everything that was sent to it. Raises NotFound."""
    with atomic() as session:
        endpoint = queries.get_endpoint(key, lock=True)
        session.execute(delete(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint.id))
        audit.record("webhook.removed", "webhook", key, before=_told(endpoint))
        session.delete(endpoint)


def rotate_secret(key: str) -> str:
    """Give an endpoint another secret and return it, shown this once; the one before signs beside it for 24 hours.

    Raises NotFound.
    """
    text, sealed = new_secret()
    with atomic():
        endpoint = queries.get_endpoint(key, lock=True)
        endpoint.sealed_old_secret, endpoint.sealed_secret = endpoint.sealed_secret, sealed
        endpoint.old_secret_until = clock.now() + OLD_SECRET_FOR
        audit.record("webhook.secret_rotated", "webhook", key, after={"host": endpoint.host})
        return text


def _check(given: EndpointInput) -> None:
    """Also asks for the name's addresses, so that one that leads inside is told at once; a name may come later."""
    faults = []
    if not given.kinds or not set(given.kinds) <= set(KINDS):
        faults.append(Fault("/events", f"some of {', '.join(KINDS)}"))
    private = private_receivers()
    try:
        resolve(check_url(given.url, private), private)
    except AddressRefused as refused:
        if refused.reason != "unknown":
            faults.append(Fault("/url", str(refused)))
    if faults:
        raise Invalid("The webhook cannot be taken as it stands.", faults)


def private_receivers() -> Networks:
    """The private networks that the operator lets webhooks reach."""
    settings: Settings = current_app.extensions["heed_settings"]
    return settings.private_receivers


def _values(given: EndpointInput) -> dict[str, object]:
    kinds = " ".join(kind for kind in KINDS if kind in given.kinds)
    return {"url": given.url, "kinds": kinds, "is_active": given.is_active, "changed_at": clock.now()}


def _change(endpoint: WebhookEndpoint, given: EndpointInput) -> None:
    before, was_active = _told(endpoint), endpoint.is_active
    if given.url != endpoint.url:
        endpoint.failing_since = None
    for name, value in _values(given).items():
        setattr(endpoint, name, value)
    if given.is_active and not was_active:
        endpoint.disabled_reason = endpoint.failing_since = None
    if was_active and not given.is_active:
        give_up_waiting(endpoint.id, "Switched off.")
    if before != _told(endpoint):
        audit.record("webhook.changed", "webhook", endpoint.key, before=before, after=_told(endpoint))


def _told(endpoint: WebhookEndpoint) -> dict[str, object]:
    """What the audit keeps: of the address the host alone."""
    return {"host": endpoint.host, "events": endpoint.kinds.split(), "active": endpoint.is_active}


def _refuse_too_many() -> None:
    tenants.lock_settings()  # who makes another one at this moment waits, and is counted with this one
    if (db.session.scalar(select(func.count()).select_from(WebhookEndpoint)) or 0) > MOST_ENDPOINTS:
        raise Conflict(f"There are {MOST_ENDPOINTS} webhooks already, which is the most.")
