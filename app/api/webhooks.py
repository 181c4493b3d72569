"""Outbound webhooks: whom to tell of what, what was sent and answered, and sending again."""

from __future__ import annotations

from typing import Any

from app.api.base import KeyPath, NoFields, blueprint, listing, moment
from app.api.schemas.webhooks import (
    DeliveryList,
    DeliveryOut,
    DeliveryPath,
    DeliveryQuery,
    ReplayOut,
    SecretOut,
    WebhookIn,
    WebhookList,
    WebhookOut,
)
from app.delivery.webhooks import queries, service
from app.delivery.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.tenants.access import api_scope

bp = blueprint("webhooks", "Webhooks")


@bp.get("/webhooks", responses={200: WebhookList})
@api_scope("admin")
def list_webhooks() -> dict[str, Any]:
    """The webhooks, by key."""
    return {"data": [_out(endpoint) for endpoint in queries.list_endpoints()], "next_cursor": None}


@bp.get("/webhooks/<key>", responses={200: WebhookOut})
@api_scope("admin")
def get_webhook(path: KeyPath) -> dict[str, Any]:
    """One webhook."""
    return _out(queries.get_endpoint(path.key))


@bp.put("/webhooks/<key>", responses={200: WebhookOut, 201: WebhookOut})
@api_scope("admin")
def put_webhook(path: KeyPath, body: WebhookIn) -> tuple[dict[str, Any], int]:
    """Make a webhook or change it; the answer that makes it holds its secret, this once."""
    endpoint, secret = service.put_endpoint(path.key, body.given())
    return _out(endpoint, secret), 201 if secret else 200


@bp.delete("/webhooks/<key>", responses={204: None})
@api_scope("admin")
def delete_webhook(path: KeyPath) -> tuple[str, int]:
    """Take a webhook away, with everything that was sent to it."""
    service.remove_endpoint(path.key)
    return "", 204


@bp.post("/webhooks/<key>/secrets", responses={201: SecretOut})
@api_scope("admin")
def post_secret(path: KeyPath, body: NoFields) -> tuple[dict[str, Any], int]:
    """Give it another secret; the one before signs beside it for 24 hours."""
    secret = service.rotate_secret(path.key)
    return {"secret": secret, "old_secret_until": moment(queries.get_endpoint(path.key).old_secret_until)}, 201


@bp.post("/webhooks/<key>/tests", responses={201: DeliveryOut})
@api_scope("admin")
def post_test(path: KeyPath, body: NoFields) -> tuple[dict[str, Any], int]:
    """Send a message of the type `test`, once; read the delivery for the answer."""
    return _delivery(service.send_test(path.key)), 201


@bp.get("/webhooks/<key>/deliveries", responses={200: DeliveryList})
@api_scope("admin")
def list_deliveries(path: KeyPath, query: DeliveryQuery) -> dict[str, Any]:
    """What was sent and what became of it, newest first; kept for 30 days."""
    endpoint = queries.get_endpoint(path.key)
    return listing(queries.page_of_deliveries(endpoint, query.state, query.cursor, query.limit), _delivery)


@bp.get("/webhooks/<key>/deliveries/<uuid:id>", responses={200: DeliveryOut})
@api_scope("admin")
def get_delivery(path: DeliveryPath) -> dict[str, Any]:
    """One delivery."""
    return _delivery(queries.get_delivery(path.key, path.id))


@bp.post("/webhooks/<key>/deliveries/<uuid:id>/replays", responses={201: DeliveryOut})
@api_scope("admin")
def post_replay(path: DeliveryPath, body: NoFields) -> tuple[dict[str, Any], int]:
    """Send it once more, under the same webhook-id."""
    return _delivery(service.replay(path.key, path.id)), 201


@bp.post("/webhooks/<key>/replays", responses={201: ReplayOut})
@api_scope("admin")
def post_replays(path: KeyPath, body: NoFields) -> tuple[dict[str, Any], int]:
    """Send everything once more that was given up."""
    return {"deliveries": service.replay_dead(path.key)}, 201


def _out(endpoint: WebhookEndpoint, secret: str | None = None) -> dict[str, Any]:
    return {
        "key": endpoint.key,
        "url": endpoint.url,
        "events": endpoint.kinds.split(),
        "active": endpoint.is_active,
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": moment(endpoint.failing_since),
        "old_secret_until": moment(endpoint.old_secret_until),
        "created_at": moment(endpoint.created_at),
        "secret": secret,
    }


def _delivery(row: WebhookDelivery) -> dict[str, Any]:
    times = {"created_at": row.created_at, "attempted_at": row.attempted_at, "ended_at": row.ended_at}
    return {
        "id": str(row.id),
        "message": row.message_id,
        "type": row.kind,
        "state": row.state,
        "attempts": row.attempts,
        **{name: moment(value) for name, value in times.items()},
        "next_attempt_at": moment(row.due_at) if row.state == "waiting" else None,
        "status": row.status,
        "answer": row.answer,
        "error": row.error,
        "took_ms": row.took_ms,
        "body": row.body,
    }
