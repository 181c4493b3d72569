"""What happens to deliveries."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True)
class DeliveriesKept(Event):
    """There are deliveries; its job waits until the first of them have been kept long enough. One waits at a time."""
