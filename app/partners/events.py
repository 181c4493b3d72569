"""What happens to partners."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True)
class FirstPartnerAdded(Event):
    """The tenant has a partner, and had none before."""
