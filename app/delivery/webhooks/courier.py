"""The courier: carries deliveries, many at once, in a thread of each worker, apart from the outbox.

A receiver that takes ten seconds over every answer holds one of these hands for ten seconds, and never mail, cases or
another tenant's deliveries: few hands for one endpoint, few for one tenant, and half of them only for endpoints that
answered well the last time.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

from flask import Flask
from sqlalchemy import text

from app.delivery.webhooks.service import Claimed, carry, claim_due
from app.kernel import clock
from app.kernel.db import db
from app.kernel.scope import SYSTEM, acting, directory_scope, tenant_scope

HANDS = 32
_PULSE_SECONDS = 0.5

log = logging.getLogger(__name__)


def run(app: Flask, is_leaving: Callable[[], bool]) -> None:
    """Carry until told to leave; then end what is under way. A failing round is logged and tried again."""
    courier = Courier(app)
    while not is_leaving():
        try:
            took = courier.go_round()
        except Exception as error:
            log.warning("webhooks are not looked for, trying again: %s", error)
            took = 0
        if not took:
            courier.rest(_PULSE_SECONDS)
    courier.finish()


class Courier:
    """Some hands, and which of them are free."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="webhook")
        self._free = HANDS
        self._lock = threading.Lock()
        self._freed = threading.Event()

    def go_round(self) -> int:
        """Take from every tenant that has something due, as much as hands are free; returns how much."""
        took = 0
        with self._app.app_context():
            for tenant_id in due_tenants():
                if self._free:
                    took += self._take(tenant_id)
        return took

    def rest(self, seconds: float) -> None:
        """Wait until a hand becomes free, at most so long."""
        self._freed.wait(seconds)
        self._freed.clear()

    def finish(self) -> None:
        """Wait for what is under way."""
        self._hands.shutdown(wait=True)

    def _take(self, tenant_id: UUID) -> int:
        try:
            with tenant_scope(tenant_id):
                claimed = claim_due(self._free, only_healthy=self._free <= HANDS // 2)
        except Exception:
            # One failing tenant never stops the round.
            log.exception("claiming webhooks of tenant %s failed", tenant_id)
            return 0
        for one in claimed:
            with self._lock:
                self._free -= 1
            self._hands.submit(self._carry, tenant_id, one)
        return len(claimed)

    def _carry(self, tenant_id: UUID, claimed: Claimed) -> None:
        try:
            with self._app.app_context(), tenant_scope(tenant_id), acting(SYSTEM):
                carry(claimed)
        except Exception:
            log.exception("webhook delivery %s of tenant %s failed", claimed.id, tenant_id)
        finally:
            with self._lock:
                self._free += 1
            self._freed.set()


def due_tenants() -> list[UUID]:
    """The tenants with a delivery that is due, in random order so that none always comes after the same other."""
    with directory_scope():
        found = list(db.session.scalars(text("SELECT due_webhooks(:now)"), {"now": clock.now()}))
    random.shuffle(found)
    return found


def lag_seconds() -> float:
    """How long the oldest due and unclaimed delivery of any tenant has waited; 0.0 when none is due.

    A receiver that fails does not count: its deliveries are due later. It grows when hands or workers are missing.
    """
    now = clock.now()
    with directory_scope():
        since: datetime | None = db.session.scalar(text("SELECT oldest_webhook(:now)"), {"now": now})
    return max(0.0, (now - since).total_seconds()) if since else 0.0
