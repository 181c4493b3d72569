"""What this room tells itself: answers are kept for a while, and are to be forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True)
class AnswersKept(Event):
    """POSTs of the tenant were answered under Idempotency-Keys."""
