"""What can be done by those who are about to come in: ask to sign up, and finish it."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, update

from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.errors import Fault, Gone, Invalid
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.kernel.naming import checked_name_for_letters
from app.tenants import service as tenants
from app.tenants.accounts.addresses import checked_address
from app.tenants.accounts.password_rules import is_guessable
from app.tenants.events import LetterWanted, SignUpAsked
from app.tenants.joining import queries
from app.tenants.joining.models import SignUp
from app.tenants.joining.queries import Asked
from app.tenants.joining.rules import SIGN_UP_KEPT
from app.tenants.rules import check_timezone


def ask_to_sign_up(email: str, organisation: str, locale: str, timezone: str) -> None:
    """Send a link to this address with which an organisation is set up; called in a directory scope.

    The same for an address that we know and for one that we do not. Raises Invalid with a pointer for each fault.
    """
    address, name = checked_address(email), checked_name_for_letters(organisation, "/organisation", may_be_host=True)
    with atomic() as session:
        asked = SignUp(
            id=new_id(),
            email=address,
            organisation=name,
            locale=locale,
            timezone=check_timezone(timezone),
            created_at=clock.now(),
        )
        session.add(asked)
        publish(LetterWanted("sign_up", asked.id))
        publish(SignUpAsked(asked.id), due_at=clock.now() + SIGN_UP_KEPT)


def open_sign_up(link: str) -> Asked:
    """As `queries.get_sign_up`, in a transaction that is over when it returns: the next may be that of a new tenant."""
    with atomic():
        return queries.get_sign_up(link)


def finish_sign_up(asked: Asked, slug: str, name: str, password: str | None) -> UUID:
    """Make the organisation, and its first admin when the address is nobody's yet; returns the admin's id.

    Called outside any transaction by whoever holds the link. Raises Gone when the link has been used meanwhile,
    Conflict for a short name that is taken, and Invalid for a bad one or a bad password.
    """
    if password is not None and is_guessable(password, [asked.email, name, asked.organisation]):
        raise Invalid("The password is easy to guess.", [Fault("/password", "is easy to guess")])

    def use() -> None:
        if not _mark_used(asked.id, clock.now()):
            raise Gone("This link has been used.")

    return tenants.found_tenant(
        slug,
        asked.organisation,
        tenants.FirstAdmin(asked.email, name, password),
        timezone=asked.timezone,
        locale=asked.locale,
        before=use,
    )


def forget_sign_up(sign_up_id: UUID) -> None:
    """Forget who asked; what became of it stands elsewhere."""
    with atomic() as session:
        session.execute(delete(SignUp).where(SignUp.id == sign_up_id))


def _mark_used(sign_up_id: UUID, now: datetime) -> bool:
    """Whether it was open until now: of two who come with one link only one goes on."""
    with atomic() as session:
        use = update(SignUp).where(SignUp.id == sign_up_id, SignUp.used_at.is_(None)).values(used_at=now)
        return cast("CursorResult[object]", session.execute(use)).rowcount == 1
