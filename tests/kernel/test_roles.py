"""The application refuses a database role that could step over the wall."""

from __future__ import annotations

import pytest

from app import create_app
from app.config import Settings
from app.kernel import db


def test_the_owner_and_the_superuser_are_refused(settings: Settings, services: object) -> None:
    for url in (settings.database_owner_url, services.superuser_url):
        app = create_app(settings.model_copy(update={"database_url": url}))
        with app.app_context(), pytest.raises(db.UnsafeRole):
            db.ping()
