"""When the nightly run is due."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True)
class RetentionDue(Event):
    """The run planned for this moment (ISO 8601) begins, or goes on; any other than the planned one does nothing."""

    at: str
