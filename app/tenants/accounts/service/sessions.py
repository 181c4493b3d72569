"""Sessions: they begin with a proof, are seen, made fresh by another proof, and ended one by one or all at once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, update

from app.kernel import clock
from app.kernel.db import atomic, db
from app.tenants.accounts.client import Client
from app.tenants.accounts.models import UserSession
from app.tenants.accounts.rules import FRESH, PROVIDER, stronger, weaker

_SECRET_BYTES = 24


def digest(secret: str) -> str:
    """What a session is known by here, which does not let anybody in."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Vouched:
    """What a tenant's provider has said for: that tenant, and until when it counts as a fresh proof there."""

    tenant_id: UUID
    fresh_until: datetime


def begin_session(user_id: UUID, way: str, client: Client, vouched: Vouched | None = None) -> tuple[UserSession, str]:
    """Begin a session of a person who has proved who they are; returns it with the secret for the browser (192 bits).

    Called inside the transaction of the proof or in one of its own.
    """
    secret, now = secrets.token_urlsafe(_SECRET_BYTES), clock.now()
    row = UserSession(
        id=digest(secret),
        user_id=user_id,
        way=way,
        vouched_tenant_id=vouched.tenant_id if vouched else None,
        begun_at=now,
        seen_at=now,
        fresh_until=vouched.fresh_until if vouched else now + FRESH,
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


def weaken_session(session_id: str, most: str) -> None:
    """Let a session be worth no more than this way: its person has nothing left that proves more.

    Call in `atomic()`.
    """
    row = db.session.get(UserSession, session_id, with_for_update=True, populate_existing=True)
    if row is not None:
        row.way = weaker(row.way, most)


def vouch(session_id: str, vouched: Vouched) -> None:
    """Note that a tenant's provider speaks for a running session, too; whoever it spoke for before it does no more."""
    with atomic() as session:
        row = session.get(UserSession, session_id, with_for_update=True, populate_existing=True)
        if row is not None and row.ended_at is None:
            row.vouched_tenant_id = vouched.tenant_id
            if row.way == PROVIDER:
                # Only there: what a person sets for all their tenants takes a fresh proof of their own.
                row.fresh_until = vouched.fresh_until


def withdraw_vouching(tenant_id: UUID, user_id: UUID | None = None) -> None:
    """A tenant's provider speaks no more for a person's sessions, or for anybody's: those that were nothing else end.

    Call in `atomic()`.
    """
    which = [UserSession.vouched_tenant_id == tenant_id, UserSession.ended_at.is_(None)]
    which += [UserSession.user_id == user_id] if user_id else []
    session = db.session
    alone = update(UserSession).where(*which, UserSession.way == PROVIDER)
    session.execute(alone.values(ended_at=clock.now()))
    session.execute(update(UserSession).where(*which, UserSession.way != PROVIDER).values(vouched_tenant_id=None))


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
