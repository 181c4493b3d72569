"""What workers do for scorecards."""

from __future__ import annotations

from uuid import UUID

from app.insights.scorecards import service


def begin_scorecards(tenant_id: UUID) -> None:
    """The tenant has its first partner."""
    service.begin()


def close_month(tenant_id: UUID, *, period: str) -> None:
    """A month is over and late answers have had their time."""
    service.close_month(period)
