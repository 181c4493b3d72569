"""What every web process offers besides its pages: a request id on every line and answer, health, metrics, dev mail."""

from __future__ import annotations

import re

import structlog
from flask import Flask, Response, g, request
from uuid_utils.compat import uuid7

from app.runtime import devmail, health, metrics

HEADER = "X-Request-ID"
ENDPOINTS = ("health.live", "health.ready", "metrics.metrics", "devmail.index", "devmail.show", "devmail.html")
"""The routes of this room. None needs a person: they are public or decide by the machine that asks."""
_ACCEPTABLE = re.compile(r"[\w.:-]{8,64}")


def init_app(app: Flask) -> None:
    """Hang all of it on the application; call it before other rooms add their own hooks."""
    app.before_request(_begin)
    app.after_request(_end)
    metrics.init_app(app)
    for blueprint in (health.bp, metrics.bp, devmail.bp):
        app.register_blueprint(blueprint)


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _ACCEPTABLE.fullmatch(given) else str(uuid7())
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers[HEADER] = g.get("request_id", "")
    return response
