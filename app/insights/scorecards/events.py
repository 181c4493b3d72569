"""What happens to scorecards."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Event


@dataclass(frozen=True)
class MonthPlanned(Event):
    """A month will be closed; its job waits until it is."""

    period: str


@dataclass(frozen=True)
class MonthClosed(Event):
    """The scorecards of a month are kept and do not change any more."""

    period: str
