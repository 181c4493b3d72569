"""Sessions: they begin with a proof, are seen, made fresh by another proof, and ended one by one or all at once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, update

from app.kernel import clock
from app.kernel.db import atomic
from app.tenants.accounts.client import Client
from app.tenants.accounts.models import UserSession
from app.tenants.accounts.rules import FRESH, stronger

_SECRET_BYTES = 24


def digest(secret: str) -> str:
    """What a session is known by here, which does not let anybody in."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin_session(user_id: UUID, way: str, client: Client) -> tuple[UserSession, str]:
    """Begin a session of a person who has proved who they are; returns it with the secret for the browser (192 bits).

    Called inside the transaction of the proof or in one of its own.
    """
    secret, now = secrets.token_urlsafe(_SECRET_BYTES), clock.now()
    row = UserSession(
        id=digest(secret),
        user_id=user_id,
        way=way,
        begun_at=now,
        seen_at=now,
        fresh_until=now + FRESH,
        address=client.address,
        browser=client.browser,
    )
    with atomic() as session:
        session.add(row)
    return row, secret


def touch_session(session_id: str, now: datetime) -> None:
    """Note that somebody has come with this session; where and what it began with stays."""
    with atomic() as session:
        session.execute(update(UserSession).where(UserSession.id == session_id).values(seen_at=now))


def freshen_session(session_id: str, way: str) -> None:
    """Note that its person has just proved once more who they are, this way. Does nothing to one that is over."""
    with atomic() as session:
        row = session.get(UserSession, session_id, with_for_update=True, populate_existing=True)
        if row is not None and row.ended_at is None:
            row.fresh_until, row.way = clock.now() + FRESH, stronger(row.way, way)


def end_session(user_id: UUID, session_id: str) -> None:
    """End one session of this person; the next request with it is refused. Unknown or ended: nothing happens."""
    _end(user_id, UserSession.id == session_id)


def end_sessions(user_id: UUID, *, but: str | None = None) -> None:
    """End all sessions of a person, but the one that is going on where one is named."""
    _end(user_id, UserSession.id != (but or ""))


def _end(user_id: UUID, which: ColumnElement[bool]) -> None:
    with atomic() as session:
        query = update(UserSession).where(UserSession.user_id == user_id, which, UserSession.ended_at.is_(None))
        session.execute(query.values(ended_at=clock.now()))
