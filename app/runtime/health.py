"""What a balancer and an operator ask: is the process alive, is it ready to serve, and is work piling up.

`/health/live` says that the process answers. `/health/ready` is 200 while requests can be served (`ok`, or `degraded`
when work waits too long or was given up, or Redis is away) and 503 with the reason when they cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text

from app.kernel import clock, migrate, outbox, queue
from app.kernel.db import db, ping
from app.kernel.scope import directory_scope
from app.runtime.logs import get_logger

LAG_LIMIT_SECONDS = 60.0
TOLD_FOR = timedelta(days=1)

bp = Blueprint("health", __name__, url_prefix="/health")
log = get_logger("health")


@bp.get("/live")
def live() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/ready")
def ready() -> tuple[Response, int]:
    """Whether requests can be served, and if not, why."""
    checks = {name: _told(check) for name, check in (("database", _database), ("migrations", _migrations))}
    if any(told != "ok" for told in checks.values()):
        return jsonify(status="unavailable", checks=checks), 503
    checks |= {name: _told(check) for name, check in (("outbox", _outbox), ("redis", _redis))}
    status = "ok" if all(told == "ok" for told in checks.values()) else "degraded"
    return jsonify(status=status, checks=checks), 200


def _told(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:  # Whatever is wrong, the answer is 503; the log has the words, the public does not.
        log.warning("a health check failed", check=check.__name__.lstrip("_"), error=str(error))
        return "failed"


def _database() -> str:
    ping()
    return "ok"


def _migrations() -> str:
    if current_app.extensions.get("heed_at_head"):
        return "ok"
    with directory_scope():
        applied = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    if applied != migrate.head():
        return f"at {applied}, not at {migrate.head()}: run `heed db upgrade`"
    current_app.extensions["heed_at_head"] = True
    return "ok"


def _outbox() -> str:
    lag = outbox.lag_seconds()
    if lag > LAG_LIMIT_SECONDS:
        return f"work has waited for {lag:.0f} s: are a worker and a scheduler running?"
    # What was given up stays so: told for a day, it does not hide what happens later.
    dead = sum(outbox.given_up(clock.now() - TOLD_FOR).values())
    return f"jobs were given up within a day: {dead}; `heed work failed` names them" if dead else "ok"


def _redis() -> str:
    return "ok" if queue.depth() is not None else "away: work goes on, a little later"
