"""A small application with the page shell and nothing else: no database, no room above this one."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, request
from flask_babel import Babel

from app.extensions import csrf, limiter
from app.web import shell
from app.web.assets import STATIC_ROOT
from app.web.preview import preview


def make_app(base_url: str = "http://127.0.0.1:8000", prepare: Callable[[Flask], None] | None = None) -> Flask:
    app = Flask("shell", static_folder=str(STATIC_ROOT), static_url_path="/static")
    app.config.update(SECRET_KEY="a" * 32, TESTING=True, RATELIMIT_STORAGE_URI="memory://")
    # Its own, because one instance keeps one set of messages for all applications.
    Babel(app, locale_selector=lambda: request.args.get("lang", "en"))
    csrf.init_app(app)
    limiter.init_app(app)
    shell.init_app(app, base_url)
    app.register_blueprint(preview)
    if prepare:
        prepare(app)
    return app
