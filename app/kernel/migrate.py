"""Migrations, run in-process as the owner of the tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

from app.config import ConfigError, Settings

_SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


def config(url: str | None = None) -> Config:
    """The Alembic configuration; `url` is the owner's database address."""
    settings = Config(attributes={"url": url})
    settings.set_main_option("script_location", str(_SCRIPTS))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return settings


def upgrade(settings: Settings) -> None:
    """Bring the database to the newest revision. Raises ConfigError without DATABASE_OWNER_URL."""
    if not settings.database_owner_url:
        raise ConfigError("DATABASE_OWNER_URL is not set")
    command.upgrade(config(settings.database_owner_url), "head")


def head() -> str | None:
    """The newest revision in the code."""
    return ScriptDirectory.from_config(config()).get_current_head()


def applied(url: str) -> str | None:
    """The revision the database is at."""
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
