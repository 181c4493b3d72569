"""What happens to exports."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True)
class ExportAsked(Event):
    """Somebody wants an export, or whoever builds it has to be looked after."""

    export_id: UUID


@dataclass(frozen=True)
class ExportMade(Event):
    """An export is ready; its jobs wait until its file has to go."""

    export_id: UUID
