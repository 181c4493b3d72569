"""What people change about themselves: name, password, address; and the password that they have forgotten."""

from __future__ import annotations

from uuid import UUID

from app.kernel.db import atomic
from app.kernel.errors import Fault, Invalid
from app.tenants import queries as people
from app.tenants.accounts import queries
from app.tenants.accounts.password_rules import is_guessable
from app.tenants.accounts.passwords import hashed, is_right
from app.tenants.accounts.service.sessions import end_sessions
from app.tenants.accounts.state import RESET, find_by_link, new_state_key
from app.tenants.models import User
from app.tenants.rules import password_fault


def set_name(user_id: UUID, name: str) -> None:
    """What the person is called on pages. Raises Invalid for none and for one that is too long."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 200:
        raise Invalid("Write a name of at most 200 characters.", [Fault("/name", "1 to 200 characters")])
    with atomic():
        user = queries.find_user_locked(user_id)
        assert user is not None
        user.name = name


def change_password(user_id: UUID, session_id: str, present: str, wanted: str) -> None:
    """Give a person another password and end their other sessions.

    Raises Invalid with a fault at /present for a wrong present one, at /wanted for one that is too short or guessable.
    """
    with atomic():
        user = queries.find_user_locked(user_id)
        assert user is not None
        if not is_right(present, user.password_hash):
            raise Invalid("This is not your present password.", [Fault("/present", "is not the present password")])
        _set_password(user, wanted)
        end_sessions(user_id, but=session_id)


def reset_password(token: str, wanted: str) -> bool:
    """Give the person whom a link was sent to another password, and end all their sessions; whether the link is good.

    The second step is asked for as ever. Raises Invalid as change_password does.
    """
    with atomic():
        found = find_by_link(RESET, token)
        user = queries.find_user_locked(found.id) if found else None
        # Read again under the lock: of two who open the same link at once, one comes too late.
        if user is None or find_by_link(RESET, token) is None:
            return False
        _set_password(user, wanted)
        end_sessions(user.id)
        return True


def _set_password(user: User, wanted: str) -> None:
    fault = password_fault(wanted)
    if fault is None and is_guessable(wanted, [user.email, user.name, *_tenant_names(user.id)]):
        fault = "is easy to guess"
    if fault:
        raise Invalid(f"The password {fault}.", [Fault("/wanted", fault)])
    user.password_hash, user.state_key = hashed(wanted), new_state_key()


def _tenant_names(user_id: UUID) -> list[str]:
    return [tenant.name for tenant, _membership in people.list_memberships(user_id)]
