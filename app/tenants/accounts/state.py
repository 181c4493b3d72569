"""The state of a person that links and half-done sign-ins are made for, and the links that a letter holds.

None of them is stored: app.kernel.tokens signs what they say, and they die with their time or with that state.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from app.kernel import clock, tokens
from app.kernel.errors import Gone, NotFound
from app.tenants import queries as people
from app.tenants.accounts import queries
from app.tenants.models import User

RESET, NEW_EMAIL = "password reset", "new e-mail address"
"""What a link is for."""
GOOD_FOR = timedelta(minutes=60)


def new_state_key() -> str:
    """A value that has never been before."""
    return secrets.token_urlsafe(16)


def renew_state(user_id: UUID) -> None:
    """Let every link and half-done sign-in of a person die. Call in `atomic()`."""
    user = queries.find_user_locked(user_id)
    if user is not None:
        user.state_key = new_state_key()


def link_for(purpose: str, user: User) -> str:
    """The token of a link that this person is sent now."""
    return tokens.issue_link(purpose, user.id, clock.now() + GOOD_FOR, _state(user))


def person_of(purpose: str, token: str) -> UUID:
    """For whom a link was made, good or not; reads no database. Raises NotFound for what is no link of ours."""
    return _read(purpose, token).object_id


def get_by_link(purpose: str, token: str) -> User:
    """For whom a link was made. Raises NotFound for what is no link of ours, and Gone for one that is good no more."""
    link = _read(purpose, token)
    user = people.find_user(link.object_id)
    if user is None or not user.is_active or not link.holds(clock.now(), _state(user)):
        raise Gone("This link has been used, or is too old.")
    return user


def _read(purpose: str, token: str) -> tokens.Link:
    link = tokens.read_link(purpose, token)
    if link is None:
        raise NotFound()
    return link


def half_way_state(user: User) -> str:
    """What a half-done sign-in of this person carries, which tells nothing."""
    return tokens.fingerprint("half way", _state(user))


def _state(user: User) -> str:
    return f"{user.state_key} {user.email} {user.new_email}"
