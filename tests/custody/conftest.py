"""A tenant that holds something of everything, for these tests alone: they take it out, and apart."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from flask_openapi3 import OpenAPI

from app.custody import commands
from app.kernel import clock
from tests import smtp
from tests.house.life import make_world
from tests.house.world import World


@pytest.fixture(autouse=True)
def mail(application: OpenAPI) -> Iterator[smtp.Server]:
    """Letters are taken."""
    with smtp.serve(application) as server:
        yield server


@pytest.fixture
def waiting_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a command waits, the clock goes on by as much."""

    def pass_on(seconds: float) -> None:
        clock.shift(math.ceil(clock._offset.total_seconds() + seconds))

    monkeypatch.setattr(commands, "sleep", pass_on)


@pytest.fixture(scope="module")
def whole(application: OpenAPI) -> Iterator[World]:
    """A whole world; reading it changes nothing."""
    with application.app_context():
        yield make_world(application, mark="e")
