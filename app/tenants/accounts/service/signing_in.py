"""Signing in: the password, the second step after it, a passkey alone; and proving once more who one is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel import clock
from app.kernel.db import atomic
from app.tenants import queries as people
from app.tenants.accounts import ceremonies, codes, queries
from app.tenants.accounts.ceremonies import BadCredential, Site
from app.tenants.accounts.client import Client
from app.tenants.accounts.models import Passkey, UserSession
from app.tenants.accounts.passwords import is_right
from app.tenants.accounts.rules import PROVIDER, SECOND_STEP_WITHIN
from app.tenants.accounts.service.sessions import Vouched, begin_session, freshen_session
from app.tenants.accounts.service.tries import note_sign_in, refuse
from app.tenants.accounts.state import half_way_state
from app.tenants.models import User


@dataclass(frozen=True)
class Begun:
    """A session that has begun, and the secret that goes to the browser."""

    row: UserSession
    user: User
    secret: str


@dataclass(frozen=True)
class HalfWay:
    """A password that was right where a second step is due. It is kept in the browser, signed."""

    user_id: str
    state: str
    until: float


def sign_in_with_password(email: str, password: str, client: Client) -> Begun | HalfWay | None:
    """Begin a session, or get half way where a second step is due; None for a wrong address or password.

    Does the same work for an address that nobody has.
    """
    user = people.find_user_by_email(email[:320])
    right = is_right(password, user.password_hash if user else None)
    if user is None or not right or not user.is_active:
        refuse(user.id if user else None, "password", client)
        return None
    with atomic():
        if _has_changed(user):
            return None
        if queries.second_steps(user.id):
            return HalfWay(str(user.id), half_way_state(user), (clock.now() + SECOND_STEP_WITHIN).timestamp())
        return _begin(user, "password", client)


def _has_changed(user: User) -> bool:
    """Whether the password or a second step has, since this person was read; locks them, so that neither does now.

    Else a session could begin with the old password just after a reset has ended all there were.
    """
    state_key = user.state_key
    found = queries.find_user_locked(user.id)
    return found is None or not found.is_active or found.state_key != state_key


def sign_in_as_new(user: User, client: Client) -> Begun:
    """Begin the first session of somebody who has just chosen their password."""
    return _begin(user, "password", client)


def sign_in_vouched(user: User, vouched: Vouched, client: Client) -> Begun:
    """Begin a session for which a tenant's provider speaks, and which opens that tenant alone."""
    return _begin(user, PROVIDER, client, vouched)


def find_half_way(half: HalfWay, *, lock: bool = False) -> User | None:
    """Who is half way, unless it took too long or their password or second step has changed since."""
    if clock.now().timestamp() >= half.until:
        return None
    user = (queries.find_user_locked if lock else people.find_user)(UUID(half.user_id))
    return user if user and user.is_active and half_way_state(user) == half.state else None


def sign_in_with_code(half: HalfWay, code: str, client: Client) -> Begun | None:
    """Take the second step with a code of the app or a recovery code; None for a wrong or a used one."""
    with atomic():
        user = find_half_way(half, lock=True)
        if user is None:
            return None
        if not codes.take(user.id, code):
            refuse(user.id, "two_steps", client)
            return None
        return _begin(user, "two_steps", client)


def sign_in_with_passkey(where: Site, challenge: str, credential: str, client: Client) -> Begun | None:
    """Begin a session with a passkey that has checked its person; None when it proves nothing."""
    with atomic():
        user = _take_passkey(where, challenge, credential, client)
        return _begin(user, "passkey", client) if user else None


def prove_again(user_id: UUID, session_id: str, password: str, code: str, client: Client) -> bool:
    """Make a session fresh by the password, and a code where this person has a second step; whether both are right."""
    with atomic():
        user = queries.find_user_locked(user_id)
        if user is None or not is_right(password, user.password_hash):
            refuse(user_id, "password", client)
            return False
        needs_code = bool(queries.second_steps(user_id))
        if needs_code and not codes.take(user_id, code):
            refuse(user_id, "two_steps", client)
            return False
        freshen_session(session_id, "two_steps" if needs_code else "password")
        return True


def prove_again_with_passkey(
    user_id: UUID, session_id: str, where: Site, challenge: str, credential: str, client: Client
) -> bool:
    """Make a session fresh by a passkey of its person; whether it is one."""
    with atomic():
        user = _take_passkey(where, challenge, credential, client)
        if user is None or user.id != user_id:
            return False
        freshen_session(session_id, "passkey")
        return True


def _take_passkey(where: Site, challenge: str, credential: str, client: Client) -> User | None:
    """Whose passkey has answered the challenge. Each challenge is taken once from each passkey."""
    try:
        credential_id, owner = ceremonies.key_of(credential)
    except BadCredential:
        return None
    row = queries.find_passkey(credential_id)
    if row is None:
        return None
    if owner not in (None, row.user_id.bytes) or not _has_answered(row, where, challenge, credential):
        refuse(row.user_id, "passkey", client)
        return None
    user = people.find_user(row.user_id)
    return user if user and user.is_active else None


def _has_answered(row: Passkey, where: Site, challenge: str, credential: str) -> bool:
    now = clock.now()
    try:
        issued = ceremonies.issued_at(challenge, now)
        if issued <= row.challenged_at:
            return False
        row.sign_count = ceremonies.check_used(where, challenge, credential, row.public_key, row.sign_count)
    except BadCredential:
        return False
    row.challenged_at, row.used_at = issued, now
    return True


def _begin(user: User, way: str, client: Client, vouched: Vouched | None = None) -> Begun:
    with atomic():
        note_sign_in(user.id, way, client)
        row, secret = begin_session(user.id, way, client, vouched)
    return Begun(row, user, secret)
