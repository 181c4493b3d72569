"""What every test stands on: a real PostgreSQL and Redis, the application, and a fresh tenant with its cast."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask_openapi3 import OpenAPI
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser

from app import create_app
from app.config import Settings, load_settings
from app.kernel import migrate
from app.runtime import embedded
from app.tenants.accounts.security import CONFIG
from tests.browser import open_browser, served
from tests.cast import Cast, make_cast

# How long an example takes says how busy the machine is, nothing else.
hypothesis_settings.register_profile("heed", deadline=None)
hypothesis_settings.load_profile("heed")

SECRET = "a secret for tests only, long enough"
CHEAP = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that the others fill the time beside it."""
    items.sort(key=lambda item: not {"kill", "stories", "fuzz"} & set(item.path.parts))


@pytest.fixture(scope="session")
def services() -> Iterator[embedded.Services]:
    """PostgreSQL and Redis of this test run, in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="heed-test-") as folder:
        Path(folder).chmod(0o755)  # the database may have to run as another user
        running = embedded.start(Path(folder) / "home")
        try:
            _need_not_last(running.superuser_url)
            yield running
        finally:
            running.stop()


def _need_not_last(superuser_url: str) -> None:
    """Let this database forget what it did when the machine stops; tests/kill and tests/runtime start others."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def settings(services: embedded.Services) -> Settings:
    """The settings of the application under test, its database migrated."""
    made = load_settings(
        database_url=services.database_url,
        database_owner_url=services.database_owner_url,
        redis_url=services.redis_url,
        secret_key=SECRET,
        base_url="http://heed.test",
        smtp_url=os.environ.get("HEED_TEST_SMTP_URL", "smtp://127.0.0.1:1"),
        embedded=True,
        testing=True,
    )
    migrate.upgrade(made)
    return made


@pytest.fixture(scope="session")
def application(settings: Settings) -> OpenAPI:
    """The application; it and every other of this run hash cheaply, because hundreds of tests sign people up."""
    CONFIG["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = CHEAP
    return create_app(settings)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser; each test opens contexts of its own in it."""
    with open_browser() as running:
        yield running


@pytest.fixture(scope="module")
def address(application: OpenAPI) -> Iterator[str]:
    """Where a browser finds the application."""
    with served(application) as found:
        yield found


@pytest.fixture
def app(application: OpenAPI) -> Iterator[OpenAPI]:
    """The application inside an application context of its own."""
    with application.app_context():
        yield application


@pytest.fixture
def cast(app: OpenAPI) -> Cast:
    """A fresh tenant: alice (admin), bob (agent), dana (analyst), pat (a partner's user)."""
    return make_cast(app)


@pytest.fixture
def others(app: OpenAPI) -> Cast:
    """Another tenant, whose admin is charlie: nothing of it may ever be seen from the first."""
    return make_cast(app, admin="charlie")
