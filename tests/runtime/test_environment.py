"""Which databases a command works on: the environment's, those of a running Heed, or its own for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.config import ConfigError
from app.runtime import environment
from app.runtime.home import Home
from tests.runtime.conftest import OWN_SETTINGS

FACTS = {
    "role": "up",
    "pid": 1,
    "ready": True,
    "database_url": "postgresql://heed_app@/heed?host=run",
    "database_owner_url": "postgresql://heed_owner@/heed?host=run",
    "redis_url": "unix:///run/redis.sock",
    "smtp_url": "smtp://127.0.0.1:1025",
    "base_url": "http://127.0.0.1:8123",
}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path) -> None:
    """Only this home is named, and there is no .env."""
    for name in OWN_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HEED_HOME", str(home))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def running(home: Path) -> Iterator[Home]:
    """A home whose lock is held, as by a supervisor."""
    held = Home(home)
    held.acquire()
    yield held
    held.release()


def test_a_command_beside_a_running_heed_uses_its_databases(running: Home) -> None:
    running.write_run(FACTS)
    with environment.ensure() as settings:
        assert settings.database_url == FACTS["database_url"]
        assert settings.database_owner_url == FACTS["database_owner_url"]
        assert settings.redis_url == FACTS["redis_url"]
        assert settings.smtp_url == FACTS["smtp_url"]
        assert settings.base_url == FACTS["base_url"]
        assert settings.secret_key == running.secret()
        assert settings.embedded


def test_what_the_environment_names_wins(running: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    running.write_run(FACTS)
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    monkeypatch.setenv("BASE_URL", "https://feedback.example.com")
    monkeypatch.setenv("SECRET_KEY", "s" * 40)
    with environment.ensure() as settings:
        assert settings.redis_url == "redis://elsewhere"
        assert settings.base_url == "https://feedback.example.com"
        assert settings.secret_key == "s" * 40
        assert settings.database_url == FACTS["database_url"]


def test_with_both_databases_named_nothing_is_started_and_the_secret_is_required(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://heed_app@db/heed")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    with pytest.raises(ConfigError, match="SECRET_KEY is not set"), environment.ensure():
        pass
    monkeypatch.setenv("SECRET_KEY", "s" * 40)
    with environment.ensure() as settings:
        assert not settings.embedded
        assert not Home(home).is_held()


def test_a_value_in_the_dot_env_file_counts_as_named(tmp_path: Path, running: Home) -> None:
    running.write_run(FACTS)
    (tmp_path / ".env").write_text("REDIS_URL=redis://from-file\n")
    with environment.ensure() as settings:
        assert settings.redis_url == "redis://from-file"


def test_a_command_waits_for_a_heed_that_is_still_starting(running: Home) -> None:
    running.write_run({"role": "up", "pid": 1})
    later = threading.Timer(0.5, running.write_run, [FACTS])
    later.start()
    began = time.monotonic()
    with environment.ensure() as settings:
        assert settings.redis_url == FACTS["redis_url"]
    assert time.monotonic() - began > 0.4
    later.join()


def test_a_run_file_whose_writer_is_gone_does_not_count(home: Path) -> None:
    Home(home).write_run({**FACTS, "database_url": "postgresql://gone"})
    with environment.ensure(migrate=False) as settings, psycopg.connect(settings.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_command_alone_starts_its_own_services_migrated_and_stops_them(home: Path) -> None:
    with environment.ensure() as settings:
        url = settings.database_url
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
        assert Home(home).is_held()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)
    assert not Home(home).is_held()


def test_a_command_waits_for_another_command_to_end(running: Home, home: Path) -> None:
    running.write_run({**FACTS, "role": "command"})
    later = threading.Timer(0.5, running.release)
    later.start()
    with environment.ensure(migrate=False) as settings:
        assert str(home) in settings.database_url.replace("%2F", "/")
    later.join()


def test_children_get_every_setting_but_the_owners_address(running: Home) -> None:
    running.write_run(FACTS)
    with environment.ensure() as settings:
        given = environment.variables(settings)
    assert given["DATABASE_URL"] == FACTS["database_url"]
    assert given["HEED_EMBEDDED"] == "1"
    assert "DATABASE_OWNER_URL" not in given
    assert FACTS["database_owner_url"] not in given.values()
