"""The jobs of this room: asking Stripe how a subscription stands, and telling it what was used."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.billing.service import hearing, metering


def sync_subscription(tenant_id: UUID, *, event_id: str) -> None:
    """Stripe said that something has changed."""
    hearing.sync_subscription()


def check_subscription(tenant_id: UUID) -> None:
    """Nobody has asked for a day."""
    hearing.plan_next_day()
    hearing.forget_events()
    hearing.sync_subscription()
    metering.catch_up()


def report_usage(tenant_id: UUID, *, kind: str, month: str) -> None:
    """An hour of counting is over."""
    metering.report_usage(kind, date.fromisoformat(month))


def send_usage_report(tenant_id: UUID, *, report_id: str) -> None:
    """A report waits to be sent."""
    metering.send_usage_report(UUID(report_id))
