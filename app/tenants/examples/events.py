"""What happened to an example; each is published in its own scope."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True)
class ChapterWanted(Event):
    """Something of its story is not told yet."""


@dataclass(frozen=True)
class ExampleOpened(Event):
    """Somebody looked around in it; its job finds out later whether anybody has since."""
