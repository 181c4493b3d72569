"""A share of what was counted, with its interval, in percent."""

from __future__ import annotations

from dataclasses import dataclass

from app.metrics.intervals import Interval, wilson


@dataclass(frozen=True)
class Share:
    """So many (`hits`) of so many (`n`)."""

    hits: int
    n: int

    @property
    def percent(self) -> float | None:
        """0 to 100; None of nothing."""
        return 100 * self.hits / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's 95 % interval, in percent; None of nothing."""
        found = wilson(self.hits, self.n)
        return Interval(100 * found.low, 100 * found.high) if found else None
