"""Looking up those who are about to come in: sign-ups (*directory*) and the tenant's invites."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from secrets import token_hex
from uuid import UUID

from sqlalchemy import select

from app.kernel import clock, tokens
from app.kernel.db import db, get_row
from app.kernel.errors import Gone, NotFound
from app.tenants import queries as tenants
from app.tenants.joining.models import SignUp, TeamInvite
from app.tenants.joining.rules import sign_up_state, slugs_for, stem_of
from app.tenants.models import Membership, Tenant, User
from app.tenants.rules import may_grant

SIGN_UP = "sign up"
"""What the links of sign-ups are made for."""
JOIN = "join"
"""What the tokens of invites are made for."""


@dataclass(frozen=True)
class Asked:
    """What somebody asked for who holds the link, as plain values: they outlive a refusal."""

    id: UUID
    email: str
    organisation: str
    locale: str
    timezone: str
    is_known: bool
    """Whether somebody signs in with this address already."""


def get_sign_up(token: str) -> Asked:
    """The sign-up that a link leads to. Raises NotFound for what is no link of ours, and Gone for one that is over."""
    link = tokens.read_link(SIGN_UP, token)
    if link is None:
        raise NotFound()
    found = db.session.get(SignUp, link.object_id)
    if found is None or not link.holds(clock.now(), sign_up_state(found.used_at)):
        raise Gone("This link has been used, or is too old.")
    is_known = tenants.find_user_by_email(found.email) is not None
    return Asked(found.id, found.email, found.organisation, found.locale, found.timezone, is_known)


def find_user_of(token: str) -> str | None:
    """The address of whoever has used the link of a sign-up; None when nobody has."""
    link = tokens.read_link(SIGN_UP, token)
    found = db.session.get(SignUp, link.object_id) if link else None
    return found.email if found is not None and found.used_at is not None else None


def free_slug(organisation: str) -> str:
    """The plainest short name for an organisation that nobody has, one of chance where many have its name; somebody may
    be quicker."""
    slugs = slugs_for(organisation)
    while some := list(islice(slugs, 20)):
        taken = set(db.session.scalars(select(Tenant.slug).where(Tenant.slug.in_(some))))
        for slug in some:
            if slug not in taken:
                return slug
    return f"{stem_of(organisation)}-{token_hex(4)}"


@dataclass(frozen=True)
class Offer:
    """What somebody is offered who holds the link, as plain values: they outlive a refusal."""

    id: UUID
    email: str
    role: str
    inviter: str
    is_known: bool
    """Whether somebody signs in with this address already."""


def get_offer(invite_id: UUID) -> Offer:
    """The open invite with this id. Raises NotFound, and Gone for one that is over."""
    invite = get_row(TeamInvite, invite_id)
    if not invite.is_open(clock.now()) or not may_still_grant(invite):
        raise Gone("This invitation is over.")
    inviter = db.session.get(User, invite.invited_by)
    is_known = tenants.find_user_by_email(invite.email) is not None
    return Offer(invite.id, invite.email, invite.role, inviter.name if inviter else "", is_known)


def find_open_invite(email: str, *, lock: bool = False) -> TeamInvite | None:
    """The invite of this address that was neither accepted nor withdrawn, though perhaps over."""
    query = select(TeamInvite).where(
        TeamInvite.email == email, TeamInvite.accepted_at.is_(None), TeamInvite.withdrawn_at.is_(None)
    )
    return db.session.scalar(query.with_for_update() if lock else query)


def list_invites(partner_id: UUID | None = None) -> list[TeamInvite]:
    """The invites that wait for an answer, over or not, the newest first: of a partner's people, or of the others."""
    query = select(TeamInvite).where(TeamInvite.accepted_at.is_(None), TeamInvite.withdrawn_at.is_(None))
    whose = TeamInvite.partner_id.is_(None) if partner_id is None else TeamInvite.partner_id == partner_id
    return list(db.session.scalars(query.where(whose).order_by(TeamInvite.created_at.desc(), TeamInvite.id)))


def may_still_grant(invite: TeamInvite) -> bool:
    """Whether whoever invited still works here and may give this role."""
    query = select(Membership).where(
        Membership.tenant_id == invite.tenant_id,
        Membership.user_id == invite.invited_by,
        Membership.ended_at.is_(None),
    )
    inviter = db.session.scalar(query)
    return inviter is not None and may_grant(inviter.role, invite.role, inviter.rows, invite.rows)
