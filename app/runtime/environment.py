"""Which databases a command works on: those the environment names, those of a running Heed, or its own for a while.

with environment.application() as app:   # any command that needs the application
    ...
with environment.ensure() as settings:   # one that needs the settings only
    ...
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.config import ConfigError, Settings, load_settings
from app.runtime import embedded
from app.runtime.home import AlreadyRunning, Home

JOIN_PATIENCE_SECONDS = 120.0
# Facts of a run file (and arguments of Settings) by the variable that overrules each.
FACTS = {
    "DATABASE_URL": "database_url",
    "DATABASE_OWNER_URL": "database_owner_url",
    "REDIS_URL": "redis_url",
    "SMTP_URL": "smtp_url",
    "BASE_URL": "base_url",
}


@dataclass(frozen=True)
class Outside:
    """What the environment (and `.env`) names by itself."""

    values: Mapping[str, str]

    @property
    def home(self) -> Path:
        """HEED_HOME."""
        return Path(self.values.get("HEED_HOME") or ".heed")

    @property
    def port(self) -> int:
        """PORT, needed before there are settings. Raises ConfigError."""
        value = self.values.get("PORT") or "8000"
        if not value.isascii() or not value.isdigit() or int(value) > 65535:
            raise ConfigError(f"PORT: {value!r} is not a port number")
        return int(value)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The embedded services that make up for what is not named."""
        pairs = ((embedded.POSTGRES, "DATABASE_URL"), (embedded.REDIS, "REDIS_URL"))
        return tuple(service for service, variable in pairs if not self.values.get(variable))

    def settings(self, home: Home, facts: Mapping[str, Any]) -> Settings:
        """The settings with the facts of embedded services filled in; what the environment names always wins."""
        filled: dict[str, object] = {
            field: facts[field] for variable, field in FACTS.items() if variable not in self.values and facts.get(field)
        }
        filled["home"] = home.folder
        if embedded.POSTGRES in self.wanted:
            filled["embedded"] = True
            if "SECRET_KEY" not in self.values:
                filled["secret_key"] = home.secret()
        return load_settings(**filled)


def look() -> Outside:
    """Read the environment, and `.env` below it."""
    from dotenv import dotenv_values

    found = {key: value for key, value in dotenv_values(".env").items() if value}
    return Outside({**found, **{key: value for key, value in os.environ.items() if value}})


def variables(settings: Settings) -> dict[str, str]:
    """The environment that gives a child process these settings, all but the owner's address."""
    named = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "BASE_URL": settings.base_url,
        "SMTP_URL": settings.smtp_url or "",
        "HEED_HOME": str(settings.home),
        "HEED_EMBEDDED": "1" if settings.embedded else "0",
        "PORT": str(settings.port),
    }
    return {key: value for key, value in named.items() if value}


@contextmanager
def ensure(*, migrate: bool = True) -> Iterator[Settings]:
    """Settings whose databases answer: the environment's, a running Heed's, or embedded ones started for this command.

    Raises ConfigError, ServiceError and AlreadyRunning (when a starting Heed does not get ready).
    """
    outside = look()
    home = Home(outside.home)
    if not outside.wanted:
        yield load_settings()
        return
    facts = _join(home)
    if facts is not None:
        yield outside.settings(home, facts)
        return
    services = embedded.start(home.folder, wanted=outside.wanted)
    try:
        settings = outside.settings(home, services.facts("command"))
        if migrate and settings.embedded:
            _upgrade(settings)
        yield settings
    finally:
        services.stop()


def _upgrade(settings: Settings) -> None:
    from app.kernel.migrate import upgrade

    upgrade(settings)


def _join(home: Home) -> dict[str, Any] | None:
    """The facts of a Heed that runs here, waiting for one that starts or a command that ends; None when none runs."""
    deadline = time.monotonic() + JOIN_PATIENCE_SECONDS
    while home.is_held():
        facts = home.read_run() or {}
        if facts.get("role") == "up" and facts.get("ready"):
            return facts
        if time.monotonic() > deadline:
            raise AlreadyRunning(f"Heed in {home.folder} is still starting or another command is using it: try again")
        time.sleep(0.1)
    return None
