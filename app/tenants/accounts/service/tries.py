"""The tries to sign in that a person can look at: who came in is noted at once, who was refused a moment later.

Both are forgotten in time: the first try of a day plans the jobs that forget all of that day, so that it also happens
to whoever is never tried again.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.events import publish, publish_each
from app.kernel.ids import new_id
from app.tenants import queries as people
from app.tenants.accounts import queries
from app.tenants.accounts.client import Client
from app.tenants.accounts.models import SignIn, UserSession
from app.tenants.accounts.rules import DAY, FORGOTTEN_AFTER, SESSIONS_KEPT, SIGN_INS_KEPT
from app.tenants.events import SignInNoted, SignInRefused


def note_sign_in(user_id: UUID, way: str, client: Client) -> None:
    """Keep that somebody has signed in as this person. Call in `atomic()`."""
    now = clock.now()
    _plan_to_forget(user_id, now)
    where = {"address": client.address, "browser": client.browser}
    db.session.add(SignIn(user_id=user_id, at=now, way=way, succeeded=True, **where))


def refuse(user_id: UUID | None, way: str, client: Client) -> None:
    """Have it noted that somebody was refused who tried to be this person; None: who is nobody.

    The work is the same for both, so that the time it takes does not tell who has a log-in; that there is nobody to
    note it for is found out later.
    """
    told = (way, clock.now().isoformat(), client.address, client.browser)
    with atomic():
        publish(SignInRefused(new_id(), user_id or new_id(), *told))


def note_refusal(sign_in_id: UUID, user_id: UUID, way: str, at: datetime, client: Client) -> None:
    """Keep that somebody was refused, once however often this runs; nothing for who is nobody."""
    with atomic() as session:
        if people.find_user(user_id) is None:
            return
        _plan_to_forget(user_id, at)
        values = {"id": sign_in_id, "user_id": user_id, "at": at, "way": way, "succeeded": False}
        row = insert(SignIn).values(**values, address=client.address, browser=client.browser)
        session.execute(row.on_conflict_do_nothing())


def forget_sign_ins(user_id: UUID) -> None:
    """Forget the tries and the sessions of a person that are old enough."""
    now = clock.now()
    with atomic() as session:
        session.execute(delete(SignIn).where(SignIn.user_id == user_id, SignIn.at <= now - SIGN_INS_KEPT))
        unused = (UserSession.user_id == user_id, UserSession.seen_at <= now - SESSIONS_KEPT)
        session.execute(delete(UserSession).where(*unused))


def _plan_to_forget(user_id: UUID, at: datetime) -> None:
    if not queries.has_tries_since(user_id, at - DAY):
        publish_each([(SignInNoted(user_id), at + wait) for wait in FORGOTTEN_AFTER])
