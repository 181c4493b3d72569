"""Queueing what is to be told, trying an endpoint out, and sending again what was given up."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from app.delivery.webhooks import queries
from app.delivery.webhooks.events import DeliveriesKept
from app.delivery.webhooks.models import FORGETTING, WebhookDelivery, WebhookEndpoint
from app.delivery.webhooks.rules import KEPT, TEST
from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.kernel.outbox_model import OutboxRow
from app.tenants import audit

_LOOK_AGAIN = timedelta(days=1)


def queue_event(kind: str, reference: str, at: datetime, data: Callable[[], dict[str, Any]]) -> int:
    """Tell every endpoint that hears of this kind, once for each reference; returns how many are told now.

    `data` is asked for only when somebody hears of it; it returns plain JSON, as the API shows it to a key that reads.
    """
    with atomic() as session:
        active = session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.is_active))
        hearing = [endpoint for endpoint in active if endpoint.hears(kind)]
        if not hearing:
            return 0
        body = _body(kind, at, data())
        rows = [_row(endpoint, kind, reference, body) for endpoint in hearing]
        added = session.execute(
            insert(WebhookDelivery).values(rows).on_conflict_do_nothing().returning(WebhookDelivery.id)
        )
        _plan_forgetting()
        return len(added.all())


def send_test(key: str) -> WebhookDelivery:
    """Send an endpoint a message of the kind `test`, on the way that all go; it is tried once. Raises NotFound."""
    with atomic() as session:
        endpoint = queries.get_endpoint(key)
        body = _body(TEST, clock.now(), {"webhook": endpoint.key})
        delivery = WebhookDelivery(**_row(endpoint, TEST, str(new_id()), body))
        session.add(delivery)
        _plan_forgetting()
        audit.record("webhook.tested", "webhook", key, after={"host": endpoint.host})
        return delivery


def replay(key: str, delivery_id: UUID) -> WebhookDelivery:
    """Send a delivery once more under its own id, with all its tries.

    Raises NotFound, and Conflict for one that waits or whose endpoint is switched off.
    """
    with atomic():
        delivery = queries.get_delivery(key, delivery_id, lock=True)
        if delivery.state == "waiting":
            raise Conflict("This delivery is still waiting for its next try.")
        _refuse_inactive(queries.get_endpoint(key))
        _begin_again(WebhookDelivery.id == delivery.id)
        audit.record("webhook.replayed", "webhook", key, after={"deliveries": 1})
        return delivery


def replay_dead(key: str) -> int:
    """Send everything once more that an endpoint did not take; returns how many. Raises NotFound and Conflict."""
    with atomic():
        endpoint = queries.get_endpoint(key)
        _refuse_inactive(endpoint)
        number = _begin_again(_dead_of(endpoint))
        audit.record("webhook.replayed", "webhook", key, after={"deliveries": number})
        return number


def discard_dead(key: str) -> int:
    """Forget everything that an endpoint did not take; returns how many. Raises NotFound."""
    with atomic() as session:
        gone = session.execute(
            delete(WebhookDelivery).where(_dead_of(queries.get_endpoint(key))).returning(WebhookDelivery.id)
        )
        number = len(gone.all())
        audit.record("webhook.discarded", "webhook", key, after={"deliveries": number})
        return number


def give_up_waiting(endpoint_id: UUID, why: str) -> None:
    """End everything that waits for an endpoint that was switched off. Call inside `atomic()`."""
    waiting = (WebhookDelivery.endpoint_id == endpoint_id) & (WebhookDelivery.state == "waiting")
    end = {"state": "dead", "ended_at": clock.now(), "error": why, "claimed_until": None, "claim": None}
    db.session.execute(update(WebhookDelivery).where(waiting).values(end))


def _dead_of(endpoint: WebhookEndpoint) -> Any:
    return (
        (WebhookDelivery.endpoint_id == endpoint.id)
        & (WebhookDelivery.state == "dead")
        & (WebhookDelivery.kind != TEST)
    )


def _begin_again(which: Any) -> int:
    anew = {"state": "waiting", "due_at": clock.now(), "attempts": 0, "ended_at": None}
    unsaid = dict.fromkeys(("claimed_until", "claim", "attempted_at", "took_ms", "status", "answer", "error"))
    changed = update(WebhookDelivery).where(which).values(**anew, **unsaid).returning(WebhookDelivery.id)
    return len(db.session.execute(changed).all())


def _refuse_inactive(endpoint: WebhookEndpoint) -> None:
    if not endpoint.is_active:
        raise Conflict("The webhook is switched off; switch it on first.")


def _body(kind: str, at: datetime, data: dict[str, Any]) -> str:
    moment = at.isoformat().replace("+00:00", "Z")
    return json.dumps({"type": kind, "timestamp": moment, "data": data}, ensure_ascii=False, separators=(",", ":"))


def _row(endpoint: WebhookEndpoint, kind: str, reference: str, body: str) -> dict[str, Any]:
    now = clock.now()
    named = {"tenant_id": scope.tenant_id(), "id": new_id(), "endpoint_id": endpoint.id}
    return {**named, "kind": kind, "reference": reference, "body": body, "created_at": now, "due_at": now} | {
        "state": "waiting",
        "attempts": 0,
    }


def _plan_forgetting() -> None:
    """Have the old ones forgotten also when nothing is ever told again."""
    # A literal, because a parameter would keep the index of this job alone from being used.
    is_it = OutboxRow.job == literal_column(f"'{FORGETTING}'")
    planned = select(OutboxRow.id).where(is_it, OutboxRow.done_at.is_(None), OutboxRow.dead_at.is_(None))
    if db.session.scalar(planned.limit(1)) is None:
        publish(DeliveriesKept(), due_at=clock.now() + KEPT)


def forget_old() -> None:
    """Forget what ended long enough ago, and plan to look again tomorrow while anything is left."""
    with atomic() as session:
        session.execute(delete(WebhookDelivery).where(WebhookDelivery.ended_at < clock.now() - KEPT))
        if session.scalar(select(WebhookDelivery.id).limit(1)) is not None:
            publish(DeliveriesKept(), due_at=clock.now() + _LOOK_AGAIN)
