"""What this room tells others: a department answers for a touchpoint no more."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True)
class TouchpointHandedOver(Event):
    """The department that answered for it does not any more."""

    touchpoint_id: UUID
