"""Looking up endpoints and deliveries, and what of them wants a human eye."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from app.delivery.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.delivery.webhooks.rules import TEST
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.inserts import find_by_key
from app.kernel.pagination import DEFAULT_LIMIT, Page, paginate


def has_listeners() -> bool:
    """Whether the tenant wants to be told of anything."""
    return db.session.scalar(select(WebhookEndpoint.id).where(WebhookEndpoint.is_active).limit(1)) is not None


def list_endpoints() -> list[WebhookEndpoint]:
    """The tenant's endpoints, by key."""
    return list(db.session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.key)))


def get_endpoint(key: str, *, lock: bool = False) -> WebhookEndpoint:
    """The endpoint with this key. Raises NotFound."""
    found = find_by_key(WebhookEndpoint, key, lock=lock)
    if found is None:
        raise NotFound()
    return found


def get_delivery(key: str, delivery_id: UUID, *, lock: bool = False) -> WebhookDelivery:
    """One delivery to the endpoint with this key. Raises NotFound."""
    query = select(WebhookDelivery).where(
        WebhookDelivery.id == delivery_id, WebhookDelivery.endpoint_id == get_endpoint(key).id
    )
    found = db.session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)
    if found is None:
        raise NotFound()
    return found


def page_of_deliveries(
    endpoint: WebhookEndpoint, state: str | None, cursor: str | None, limit: int = DEFAULT_LIMIT
) -> Page[WebhookDelivery]:
    """The deliveries to an endpoint, newest first; in one state when given."""
    query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint.id)
    if state:
        query = query.where(WebhookDelivery.state == state)
    return paginate(query, (WebhookDelivery.created_at, WebhookDelivery.id), cursor, limit)


@dataclass(frozen=True)
class Load:
    """How many deliveries of an endpoint wait and how many were given up."""

    waiting: int = 0
    dead: int = 0


def loads() -> dict[UUID, Load]:
    """By endpoint; those that have neither are left out. Tests that failed are no news."""
    query = (
        select(WebhookDelivery.endpoint_id, WebhookDelivery.state, func.count())
        .where(WebhookDelivery.state != "delivered", WebhookDelivery.kind != TEST)
        .group_by(WebhookDelivery.endpoint_id, WebhookDelivery.state)
    )
    counts: dict[UUID, dict[str, int]] = {}
    for endpoint_id, state, number in db.session.execute(query):
        counts.setdefault(endpoint_id, {})[state] = number
    return {endpoint_id: Load(**found) for endpoint_id, found in counts.items()}


def count_troubles() -> int:
    """How many endpoints were switched off by us or have deliveries that were given up."""
    dead = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.endpoint_id == WebhookEndpoint.id, WebhookDelivery.state == "dead")
        .where(WebhookDelivery.kind != TEST)
    )
    query = select(func.count()).select_from(WebhookEndpoint)
    return db.session.scalar(query.where(WebhookEndpoint.disabled_reason.is_not(None) | dead.exists())) or 0
