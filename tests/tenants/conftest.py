"""Each test of this room begins with nobody having tried anything, and leaves the clock as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask_openapi3 import OpenAPI

from app.kernel import clock
from tests.limits import forget_tries


@pytest.fixture(autouse=True)
def unhurried(application: OpenAPI) -> Iterator[None]:
    """However many tries came before, and however far the last test went into the future."""
    forget_tries()
    yield
    clock.shift(0)
