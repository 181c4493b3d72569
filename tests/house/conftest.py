"""The worlds of the house tests, each built once, and the ledger that tells what changed."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from flask_openapi3 import OpenAPI

from app.config import Settings
from app.runtime import embedded
from tests.house.life import make_world
from tests.house.probes import Ledger
from tests.house.room import Room, open_room
from tests.house.scripts import payload
from tests.house.world import World


@pytest.fixture(scope="session")
def world(application: OpenAPI) -> World:
    """The tenant that strangers look into. Nothing in it may change: every test leaves it as it was."""
    with application.app_context():
        return make_world(application)


@pytest.fixture(scope="session")
def ledger(settings: Settings, services: embedded.Services) -> Iterator[Ledger]:
    """The fingerprints of every row there is."""
    with psycopg.connect(services.superuser_url, dbname="heed", autocommit=True) as connection:
        yield Ledger(connection)


@pytest.fixture(scope="session")
def other_world(application: OpenAPI) -> World:
    """Another such tenant; what may go into names and texts is written into all of them."""
    with application.app_context():
        return make_world(application, write=payload, mark="b")


@pytest.fixture(scope="module")
def room(application: OpenAPI, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """The pages in a browser. Not for the whole session: its loop would stand in the way of other browser tests."""
    with open_room(application, world, tmp_path_factory.mktemp("mail")) as opened:
        yield opened
