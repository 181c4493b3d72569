"""What the loop's tests stand on: a clock that can be put ahead, and acting as one of the cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.scope import Actor, acting
from tests.cast import Cast


@pytest.fixture
def later() -> Iterator[Callable[..., None]]:
    """Let time pass: later(days=1, hours=2), each call on top of the last."""
    passed = timedelta()

    def pass_time(**amount: float) -> None:
        nonlocal passed
        passed += timedelta(**amount)
        clock.shift(int(passed.total_seconds()))

    yield pass_time
    clock.shift(0)


@pytest.fixture
def as_bob(cast: Cast) -> Callable[[], AbstractContextManager[None]]:
    """Act as bob, an agent."""
    return lambda: acting(Actor("user", cast.users["bob"], "Bob"))
