"""What happened to an example; all but its end belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.events import DirectoryEvent, Event


@dataclass(frozen=True)
class ChapterWanted(Event):
    """Something of its story is not told yet."""


@dataclass(frozen=True)
class ExampleOpened(Event):
    """Somebody looked around in it; its job finds out later whether anybody has since."""


@dataclass(frozen=True)
class ExampleRemoved(DirectoryEvent):
    """Nobody looks around in it any more: what it holds is to be deleted."""

    example_id: UUID
