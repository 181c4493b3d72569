"""The second step: setting up an app, making passkeys, recovery codes, and taking each of them away again.

Each change ends the other sessions and all links of the person. Its caller holds a fresh sign-in, which for somebody
who has a second step was itself made with it. The person is locked before anything of theirs, here and where they sign
in: so no two changes cross, and none waits for another in a circle.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Fault, Invalid, NotFound
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.tenants import queries as people
from app.tenants.accounts import ceremonies, codes, queries
from app.tenants.accounts.ceremonies import BadCredential, Site
from app.tenants.accounts.models import Authenticator, Passkey
from app.tenants.accounts.rules import MOST_PASSKEYS, strongest
from app.tenants.accounts.service.sessions import end_sessions, freshen_session, weaken_session
from app.tenants.accounts.state import renew_state
from app.tenants.events import LetterWanted


def set_up_app(user_id: UUID, session_id: str, secret: str, code: str) -> list[str]:
    """Make an app the second step; returns the recovery codes when these are the first, which are shown this once.

    Raises Invalid for a code that this app does not show now, and Conflict for somebody who has an app.
    """
    with atomic() as session:
        queries.find_user_locked(user_id)
        if queries.find_authenticator(user_id, lock=True):
            raise Conflict("There is an app already.")
        made = codes.begins(user_id, secret, code)
        if made is None:
            raise Invalid("The app shows another code.", [Fault("/code", "is not the one that the app shows")])
        session.add(made)
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict("There is an app already.") from error
        return _added(user_id, session_id, "two_steps")


def remove_app(user_id: UUID, session_id: str) -> None:
    """Ask for codes of the app no more; twice changes nothing."""
    with atomic() as session:
        queries.find_user_locked(user_id)
        row = queries.find_authenticator(user_id, lock=True)
        if row is not None:
            session.delete(row)
            _removed(user_id, session_id)


def renew_recovery_codes(user_id: UUID, session_id: str) -> list[str]:
    """New recovery codes in place of the old ones. Raises Conflict for somebody who has no second step."""
    with atomic():
        queries.find_user_locked(user_id)
        if not queries.second_steps(user_id):
            raise Conflict("There is no second step that they could stand in for.")
        found = codes.renew_recovery_codes(user_id)
        _changed(user_id, session_id, "recovery_codes_renewed")
        return found


def add_passkey(user_id: UUID, session_id: str, name: str, where: Site, challenge: str, credential: str) -> list[str]:
    """Take the passkey that the browser has made; returns recovery codes as `set_up_app` does.

    Raises Invalid with a fault at /name or /credential, Conflict at /passkeys for one too many, at /id for a known one.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60:
        raise Invalid("Name the passkey in at most 60 characters.", [Fault("/name", "1 to 60 characters")])
    try:
        issued = ceremonies.issued_at(challenge, clock.now())
        made = ceremonies.check_made(where, challenge, credential)
    except BadCredential as error:
        raise Invalid("The browser made no passkey.", [Fault("/credential", str(error))]) from error
    with atomic() as session:
        # Counted under the lock of the person, so that no two requests both find room for the last one.
        queries.find_user_locked(user_id)
        if len(queries.list_passkeys(user_id)) >= MOST_PASSKEYS:
            raise Conflict("There are too many passkeys.", [Fault("/passkeys", "are too many")])
        row = Passkey(
            id=new_id(),
            user_id=user_id,
            name=name,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            transports=made.transports,
            made_at=clock.now(),
            used_at=None,
            challenged_at=issued,
        )
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict("This passkey is known already.", [Fault("/id", "is known already")]) from error
        return _added(user_id, session_id, "passkey")


def remove_passkey(user_id: UUID, session_id: str, passkey_id: UUID) -> None:
    """Let a passkey in no more. Raises NotFound for one that is not this person's."""
    with atomic() as session:
        queries.find_user_locked(user_id)
        row = session.get(Passkey, passkey_id)
        if row is None or row.user_id != user_id:
            raise NotFound()
        session.delete(row)
        _removed(user_id, session_id)


def forget_second_step(email: str) -> None:
    """Take everything but the password from somebody who has lost it, and end their sessions; for operators.

    Raises NotFound when nobody has this address.
    """
    with atomic() as session:
        user = people.find_user_by_email(email)
        if user is None:
            raise NotFound(f"Nobody signs in with {email}.")
        queries.find_user_locked(user.id)
        for table in (Authenticator, Passkey):
            session.execute(delete(table).where(table.user_id == user.id))
        codes.forget_recovery_codes(user.id)
        _changed(user.id, "", "second_step_removed")


def _added(user_id: UUID, session_id: str, way: str) -> list[str]:
    freshen_session(session_id, way)
    left = queries.second_steps(user_id).codes_left
    found = [] if left else codes.renew_recovery_codes(user_id)
    _changed(user_id, session_id, "second_step_added")
    return found


def _removed(user_id: UUID, session_id: str) -> None:
    db.session.flush()
    left = queries.second_steps(user_id)
    if not left:
        codes.forget_recovery_codes(user_id)
    weaken_session(session_id, strongest(has_passkey=left.passkeys > 0, has_app=left.app_since is not None))
    _changed(user_id, session_id, "second_step_removed")


def _changed(user_id: UUID, session_id: str, what: str) -> None:
    publish(LetterWanted(what, user_id))
    renew_state(user_id)
    end_sessions(user_id, but=session_id)
