"""A tenant that holds something of everything, for these tests alone: they take it out, and apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask_openapi3 import OpenAPI

from tests import smtp
from tests.house.life import make_world
from tests.house.world import World


@pytest.fixture(autouse=True)
def mail(application: OpenAPI) -> Iterator[smtp.Server]:
    """Letters are taken."""
    with smtp.serve(application) as server:
        yield server


@pytest.fixture(scope="module")
def whole(application: OpenAPI) -> Iterator[World]:
    """A whole world; reading it changes nothing."""
    with application.app_context():
        yield make_world(application, mark="e")
