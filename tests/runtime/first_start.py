"""What a first start may do, in two forms: one that greets and one that refuses."""

from __future__ import annotations

from app.config import Settings
from app.kernel.errors import HeedError


def greet(settings: Settings) -> list[str]:
    """Return a line to print."""
    return [f"Sign in as demo, migrated as {settings.database_owner_url is not None}"]


def refuse(settings: Settings) -> list[str]:
    """Fail in a way a person can read."""
    raise HeedError("The demo cannot be loaded: the disk is full")
