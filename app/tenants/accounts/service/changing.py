"""What people change about themselves: name, password, address; and the password that they have forgotten."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.kernel.db import atomic
from app.kernel.errors import Fault, Gone, Invalid
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.kernel.naming import checked_name_for_letters
from app.tenants import queries as people
from app.tenants.accounts import queries
from app.tenants.accounts.addresses import checked_address
from app.tenants.accounts.client import Client
from app.tenants.accounts.password_rules import fault_of
from app.tenants.accounts.passwords import hashed, is_right
from app.tenants.accounts.service.sessions import end_sessions
from app.tenants.accounts.service.tries import refuse
from app.tenants.accounts.state import NEW_EMAIL, RESET, get_by_link, new_state_key
from app.tenants.events import LetterWanted
from app.tenants.models import User


def set_name(user_id: UUID, name: str) -> None:
    """What the person is called on pages and in letters. Raises Invalid for what cannot be read or holds a link."""
    name = checked_name_for_letters(name)
    with atomic():
        user = queries.find_user_locked(user_id)
        assert user is not None
        user.name = name


def change_password(user_id: UUID, session_id: str, present: str, wanted: str, client: Client) -> None:
    """Give a person another password and end their other sessions.

    Raises Invalid with a fault at /present for a wrong present one, at /wanted for one that is too short or guessable.
    """
    with atomic():
        user = queries.find_user_locked(user_id)
        assert user is not None
        is_present = is_right(present, user.password_hash)
        if is_present:
            _set_password(user, wanted)
            end_sessions(user_id, but=session_id)
        else:
            refuse(user_id, "password", client)
    if not is_present:
        raise Invalid("This is not your present password.", [Fault("/present", "is not the present password")])


def ask_reset(email: str) -> None:
    """Send a link that sets another password, when somebody has this address.

    Nobody learns whether: a letter is wanted in any case, and its writer finds that it is nobody's.
    """
    with atomic():
        user = people.find_user_by_email(email[:320])
        publish(LetterWanted("password_reset", user.id if user else new_id()))


def reset_password(link: str, wanted: str) -> None:
    """Give the person whom a link was sent to another password, and end all their sessions.

    The second step is asked for as ever. Raises Gone for a link that is used up, and Invalid as change_password does.
    """
    with atomic():
        user = _get_locked_by_link(RESET, link)
        _set_password(user, wanted)
        end_sessions(user.id)


def ask_new_email(user_id: UUID, email: str) -> None:
    """Send a link to the address that is to take the place of a person's, and tell the present one.

    The same for an address that somebody has and for one that nobody has. Raises Invalid for what is none.
    """
    address = checked_address(email)
    with atomic():
        user = queries.find_user_locked(user_id)
        assert user is not None
        user.new_email = address
        publish(LetterWanted("new_email", user.id))
        publish(LetterWanted("email_change_asked", user.id))


def confirm_new_email(user_id: UUID, link: str) -> None:
    """Let a person sign in with the address to which this link was sent; all other links of theirs die.

    Raises Gone for a link that is used up or somebody else's, and for an address that was taken meanwhile.
    """
    with atomic() as session:
        user = _get_locked_by_link(NEW_EMAIL, link)
        if user.id != user_id or user.new_email is None:
            raise Gone("This link is for somebody else.")
        user.email, user.new_email, user.state_key = user.new_email, None, new_state_key()
        try:
            session.flush()
        except IntegrityError as error:
            raise Gone("Somebody signs in with this address.") from error


def _get_locked_by_link(purpose: str, link: str) -> User:
    queries.find_user_locked(get_by_link(purpose, link).id)
    # Read again under the lock: of two who open one link at once, the second comes too late.
    return get_by_link(purpose, link)


def _set_password(user: User, wanted: str) -> None:
    if fault := fault_of(wanted, [user.email, user.name, *_tenant_names(user.id)]):
        raise Invalid(f"The password {fault}.", [Fault("/wanted", fault)])
    user.password_hash, user.state_key = hashed(wanted), new_state_key()
    publish(LetterWanted("password_changed", user.id))


def _tenant_names(user_id: UUID) -> list[str]:
    return [tenant.name for tenant, _membership in people.list_memberships(user_id)]
