"""Carrying: claim some of what is due, send each, record how it ended.

The claim is a lease with a fence. A process that dies between the sending and the record leaves the lease to run out,
and the message goes out once more under the same id: at least once, never lost.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.delivery.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.delivery.webhooks.rules import TEST, Outcome, is_hopeless, judge, readable_answer
from app.delivery.webhooks.secrets import SecretLost, signed_headers
from app.delivery.webhooks.service.deliveries import give_up_waiting
from app.delivery.webhooks.service.endpoints import private_receivers
from app.kernel import clock
from app.kernel.db import atomic, db, find_row
from app.kernel.ids import new_id
from app.kernel.outbound import client
from app.kernel.outbound.addresses import AddressRefused
from app.tenants import audit

LEASE = timedelta(seconds=60)
"""Far longer than the ten seconds that a try may take."""
PER_ENDPOINT, PER_FAILING = 4, 1
"""How many tries may be under way to one endpoint, and to one that failed the last time."""
PER_TENANT = 8


@dataclass(frozen=True)
class Claimed:
    """One delivery that is ours to try, with all that it takes."""

    id: UUID
    claim: UUID
    endpoint_id: UUID
    url: str
    kind: str
    message_id: str
    body: str
    sealed_secrets: tuple[str, ...]


def claim_due(most: int, *, only_healthy: bool = False) -> list[Claimed]:
    """Claim at most so many due deliveries of the tenant, no more than a few for each endpoint.

    The endpoints are held meanwhile, so that two couriers count the same; what one of them holds, the other leaves out.
    """
    with atomic():
        endpoints = _endpoints_with_due(only_healthy)
        under_way = _under_way()
        room = min(most, PER_TENANT - sum(under_way.values()))
        claimed: list[Claimed] = []
        for endpoint in endpoints:
            allowed = PER_ENDPOINT if endpoint.failing_since is None else PER_FAILING
            own = min(room - len(claimed), allowed - under_way.get(endpoint.id, 0))
            if own > 0:
                claimed += _claim(endpoint, own)
        return claimed


def carry(claimed: Claimed) -> None:
    """Send one claimed delivery and record what became of it. Nothing is held in the database while it is sent."""
    outcome = _send(claimed)
    with atomic():
        # The endpoint before its delivery, as everywhere else, so that no two wait for each other.
        endpoint = find_row(WebhookEndpoint, claimed.endpoint_id)
        if endpoint is not None and not (outcome.is_success and endpoint.failing_since is None):
            endpoint = find_row(WebhookEndpoint, claimed.endpoint_id, lock=True)
        delivery = find_row(WebhookDelivery, claimed.id, lock=True)
        if endpoint is None or delivery is None or delivery.claim != claimed.claim:
            return
        _record(delivery, outcome)
        if claimed.url == endpoint.url:  # what an address that was given up says is not the new one's
            _learn(endpoint, outcome, delivery)


def _free_and_due() -> Any:
    now = clock.now()
    free = WebhookDelivery.claimed_until.is_(None) | (WebhookDelivery.claimed_until < now)
    return (WebhookDelivery.state == "waiting") & (WebhookDelivery.due_at <= now) & free


def _endpoints_with_due(only_healthy: bool) -> list[WebhookEndpoint]:
    waits = select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == WebhookEndpoint.id, _free_and_due())
    query = select(WebhookEndpoint).where(waits.exists()).with_for_update(skip_locked=True)
    if only_healthy:
        query = query.where(WebhookEndpoint.failing_since.is_(None))
    found = list(db.session.scalars(query))
    random.shuffle(found)
    return found


def _under_way() -> dict[UUID, int]:
    query = (
        select(WebhookDelivery.endpoint_id, func.count())
        .where(WebhookDelivery.state == "waiting", WebhookDelivery.claimed_until >= clock.now())
        .group_by(WebhookDelivery.endpoint_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def _claim(endpoint: WebhookEndpoint, most: int) -> list[Claimed]:
    now = clock.now()
    query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint.id, _free_and_due())
    query = query.order_by(WebhookDelivery.due_at, WebhookDelivery.id).limit(most).with_for_update(skip_locked=True)
    old = endpoint.sealed_old_secret if endpoint.has_old_secret(now) else None
    secrets = tuple(filter(None, (endpoint.sealed_secret, old)))
    claimed = []
    for row in db.session.scalars(query):
        row.claim, row.claimed_until, row.attempts = new_id(), now + LEASE, row.attempts + 1
        told = (endpoint.id, endpoint.url, row.kind, row.message_id, row.body)
        claimed.append(Claimed(row.id, row.claim, *told, secrets))
    return claimed


def _send(claimed: Claimed) -> Outcome:
    begun = time.monotonic()
    try:
        headers = signed_headers(claimed.message_id, claimed.body, claimed.sealed_secrets, clock.now())
        answer = client.send("POST", claimed.url, headers, claimed.body.encode(), private=private_receivers())
    except (SecretLost, AddressRefused, client.Unreachable) as error:
        return Outcome(None, error=str(error), took_ms=_since(begun))
    words = readable_answer(answer.body, dict(answer.headers))
    return Outcome(answer.status, words, took_ms=_since(begun), retry_after=answer.headers.get("retry-after"))


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


def _record(delivery: WebhookDelivery, outcome: Outcome) -> None:
    now = clock.now()
    verdict = judge(outcome, delivery.kind, delivery.attempts, now, random.random())
    delivery.state, delivery.due_at = verdict.state, verdict.due_at or delivery.due_at
    delivery.claim = delivery.claimed_until = None
    delivery.attempted_at, delivery.took_ms = now, outcome.took_ms
    delivery.status, delivery.answer, delivery.error = outcome.status, outcome.answer or None, outcome.error or None
    delivery.ended_at = None if verdict.state == "waiting" else now


def _learn(endpoint: WebhookEndpoint, outcome: Outcome, delivery: WebhookDelivery) -> None:
    """What a try says about its endpoint. A test that fails says nothing: somebody is trying things out. Days of
    failures count once a message has had all its tries: where little is told, two failures may lie weeks apart."""
    if outcome.is_success:
        endpoint.failing_since = None
    elif delivery.kind != TEST:
        endpoint.failing_since = endpoint.failing_since or clock.now()
        is_given_up = delivery.state == "dead"
        if outcome.is_gone or (is_given_up and is_hopeless(endpoint.failing_since, clock.now())):
            _switch_off(endpoint, "gone" if outcome.is_gone else "failing")


def _switch_off(endpoint: WebhookEndpoint, reason: str) -> None:
    if endpoint.is_active:
        endpoint.is_active, endpoint.disabled_reason, endpoint.changed_at = False, reason, clock.now()
        audit.record("webhook.disabled", "webhook", endpoint.key, after={"reason": reason})
    give_up_waiting(endpoint.id, "The webhook was switched off.")
