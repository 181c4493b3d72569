"""What happened to the demo tenant."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True)
class ShopOpened(Event):
    """The demo tenant and its people are there; its year is still to be told."""
