"""The job of this room: answers under an Idempotency-Key are forgotten."""

from __future__ import annotations

from uuid import UUID

from app.api import idempotency


def forget_answers(tenant_id: UUID) -> None:
    """An hour's answers have been kept long enough."""
    idempotency.forget_answers()
