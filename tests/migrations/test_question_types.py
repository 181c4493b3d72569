"""Revision 0011 on a database that is in use: settings get their defaults, answers stay what they were."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command

from app.kernel.migrate import config
from app.runtime import embedded


@pytest.fixture
def owner_url() -> Iterator[str]:
    """An empty database of its own, as the owner of the tables sees it."""
    with tempfile.TemporaryDirectory(prefix="heed-test-") as folder:
        Path(folder).chmod(0o755)
        running = embedded.start(Path(folder) / "home", wanted=[embedded.POSTGRES])
        yield running.database_owner_url
        running.stop()


def test_there_and_back(owner_url: str) -> None:
    tenant = "00000000-0000-4000-8000-000000000001"
    command.upgrade(config(owner_url), "0010")
    with psycopg.connect(owner_url.replace("+psycopg", ""), autocommit=True) as connection:
        needed = (
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'tenant_settings' AND is_nullable = 'NO' AND data_type = 'integer'"
        )
        columns = [name for (name,) in connection.execute(needed)]
        connection.execute(
            "INSERT INTO tenants (id, slug, name, timezone, default_locale, created_at)"
            " VALUES (%s, 'acme', 'Acme', 'UTC', 'en', '2026-01-01')",
            (tenant,),
        )
        usual = {"annual_cap": 4, "quiet_ends_hour": 9, "quiet_starts_hour": 20, "csat_detractor_max": 2}
        usual |= {"first_contact_minutes": 1440, "resolution_days": 5}
        values = [str(usual.get(name, 6)) for name in columns]
        connection.execute(f"SET app.tenant_id = '{tenant}'")
        row = ",".join([f"'{tenant}'", f"'{tenant}'", *values])
        connection.execute(f"INSERT INTO tenant_settings (tenant_id, id, {','.join(columns)}) VALUES ({row})")
    command.upgrade(config(owner_url), "head")
    with psycopg.connect(owner_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"SET app.tenant_id = '{tenant}'")
        found = connection.execute("SELECT ces_detractor_max, emotion_detractor_max FROM tenant_settings").fetchone()
        assert found == (2, 4)
        kind = (
            "SELECT data_type FROM information_schema.columns WHERE table_name = 'answers' AND column_name = 'number'"
        )
        assert connection.execute(kind).fetchone() == ("double precision",)
        rules = "SELECT conname FROM pg_constraint WHERE conrelid = 'responses'::regclass AND contype = 'c'"
        names = {name for (name,) in connection.execute(rules)}
        assert {f"ck_responses_{rule}" for rule in ("ces", "emotion", "valence", "emotion_has_valence")} <= names
    command.downgrade(config(owner_url), "0010")
    with psycopg.connect(owner_url.replace("+psycopg", "")) as connection:
        assert connection.execute(kind).fetchone() == ("integer",)
