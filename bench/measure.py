"""What a benchmark gives back, and a clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One figure and what it is compared with; both in the same `unit`."""

    name: str
    value: float
    unit: str
    yardstick: str
    yardstick_value: float

    def __str__(self) -> str:
        ratio = self.value / self.yardstick_value
        return (
            f"{self.name}: {self.value:,.2f} {self.unit}, {ratio:.2f} times {self.yardstick}"
            f" ({self.yardstick_value:,.2f} {self.unit})"
        )


class Watch:
    """The seconds that something took."""

    seconds = 0.0


@contextmanager
def timed() -> Iterator[Watch]:
    """Measure what happens inside."""
    watch, began = Watch(), time.monotonic()
    yield watch
    watch.seconds = time.monotonic() - began


def wait_for(happened: Callable[[], bool], seconds: float = 300.0) -> None:
    """Return once `happened()` is true; TimeoutError when it does not become so."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(0.02)
