"""Team invites: bound to one address and one role, for a week, once; nobody gives a role that is more than theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kernel import clock
from app.kernel.db import atomic, get_row
from app.kernel.errors import Conflict, Fault, Forbidden, Gone, Invalid
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.kernel.inserts import insert_if_new
from app.tenants import audit, queries
from app.tenants import service as tenants
from app.tenants.accounts.addresses import checked_address
from app.tenants.accounts.password_rules import is_guessable
from app.tenants.events import TenantLetterWanted
from app.tenants.joining import queries as joining
from app.tenants.joining.models import TeamInvite
from app.tenants.joining.rules import INVITE_HOLDS
from app.tenants.models import User, as_columns
from app.tenants.narrowing import check_rows, in_words
from app.tenants.plan import check_seat
from app.tenants.rules import ROLES, WHOLE, RowScope, may_grant


@dataclass(frozen=True)
class Inviter:
    """Who invites, with the role that they have now and the part of the tenant that they see."""

    user_id: UUID
    role: str
    rows: RowScope = WHOLE


def invite_person(
    by: Inviter, email: str, role: str, locale: str, partner_id: UUID | None = None, rows: RowScope = WHOLE
) -> TeamInvite:
    """Invite somebody, known or not, to the tenant of the scope or to a part of it; inviting them again replaces what
    they were offered.

    Raises Invalid for a bad address, role or part, Conflict for a member or a plan that has no room for one more, and
    Forbidden for a role beyond the inviter's.
    """
    address = checked_address(email)
    if role not in ROLES or (role == "partner") != (partner_id is not None):
        raise Invalid("A partner's user names a partner, and nobody else does.", [Fault("/role", "not acceptable")])
    if not may_grant(by.role, role, by.rows, rows):
        raise Forbidden("Nobody gives a role that is more than their own.")
    with atomic():
        groups = check_rows(role, rows)
        if queries.find_member_by_email(address):
            raise Conflict(f"{address} is a member already.", [Fault("/email", "is a member already")])
        if before := joining.find_open_invite(address, lock=True):
            before.withdrawn_at = clock.now()
        now = clock.now()
        if partner_id is None:
            check_seat(_count_open(now))
        terms = {"email": address, "role": role, "partner_id": partner_id, "locale": locale}
        times = {"created_at": now, "expires_at": now + INVITE_HOLDS}
        made = insert_if_new(TeamInvite, id=new_id(), invited_by=by.user_id, **terms, **as_columns(rows), **times)
        if made is None:
            raise Conflict("Somebody else invites this person just now.", [Fault("/email", "is being invited")])
        shown = {} if rows.is_whole else in_words(rows, groups)
        audit.record("invite.sent", "team_invite", made.id, after={"email": address, "role": role} | shown)
        publish(TenantLetterWanted("team_invite", made.id))
        return made


def send_invite_again(by: Inviter, invite_id: UUID) -> None:
    """Send the letter of an invite once more; its week begins anew, also when it was over.

    Raises NotFound, Gone for one that was accepted or withdrawn, Forbidden for a role beyond the inviter's, and
    Conflict for one that was over and has no room in the plan any more.
    """
    with atomic():
        invite, now = get_row(TeamInvite, invite_id, lock=True), clock.now()
        if invite.accepted_at is not None or invite.withdrawn_at is not None:
            raise Gone("This invitation is over.")
        if not may_grant(by.role, invite.role, by.rows, invite.rows):
            raise Forbidden("Nobody gives a role that is more than their own.")
        if invite.partner_id is None and not invite.is_open(now):
            check_seat(_count_open(now))
        invite.expires_at, invite.invited_by = now + INVITE_HOLDS, by.user_id
        audit.record("invite.sent_again", "team_invite", invite.id, after={"email": invite.email, "role": invite.role})
        publish(TenantLetterWanted("team_invite", invite.id))


def accept_invite(invite_id: UUID, name: str, password: str | None) -> User:
    """Become a member as the invite says, and a user when the address is nobody's yet; returns the user.

    Called by whoever holds the link, and for a known address by that person alone. Raises Gone for an invite that does
    not hold any more, Conflict for a member, and Invalid for a bad password.
    """
    with atomic():
        invite = _open_invite(invite_id)
        if not joining.may_still_grant(invite):
            raise Gone("Whoever invited you cannot do so any more.")
        if password is not None and is_guessable(password, [invite.email, name]):
            raise Invalid("The password is easy to guess.", [Fault("/password", "is easy to guess")])
        user_id = tenants.add_member(
            invite.email, invite.role, password, name=name, partner_id=invite.partner_id, rows=invite.rows
        )
        invite.accepted_at, invite.accepted_by = clock.now(), user_id
        user = queries.find_user(user_id)
        assert user is not None
        return user


def _count_open(now: datetime) -> int:
    """How many of the tenant's own people are invited and have a place kept."""
    return sum(invite.is_open(now) for invite in joining.list_invites())


def _open_invite(invite_id: UUID) -> TeamInvite:
    invite = get_row(TeamInvite, invite_id, lock=True)
    if not invite.is_open(clock.now()):
        raise Gone("This invitation is over.")
    return invite
