"""What happened to a customer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True)
class CustomerSuppressed(Event):
    """The customer is not to be written to any more."""

    customer_id: UUID
