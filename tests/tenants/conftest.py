"""Each test of this room begins with nobody having tried anything, and leaves the clock as it was; and a provider."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask_openapi3 import OpenAPI

from app.kernel import clock
from tests.delivery.hooks import loopback_allowed
from tests.fakes.oidc_server import Person, Provider, provider
from tests.limits import forget_tries


@pytest.fixture(autouse=True)
def unhurried(application: OpenAPI) -> Iterator[None]:
    """However many tries came before, and however far the last test went into the future."""
    forget_tries()
    yield
    clock.shift(0)


@pytest.fixture
def honest(application: OpenAPI) -> Iterator[Provider]:
    """A provider that runs, on a network that the operator has named."""
    with loopback_allowed(application), provider() as running:
        yield running


@pytest.fixture
def newcomer(honest: Provider) -> str:
    """Somebody whom nobody knows yet."""
    email = f"nia.{uuid4().hex[:8]}@acme.example"
    honest.person = Person(email=email)
    return email
