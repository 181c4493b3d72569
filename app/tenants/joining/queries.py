"""Looking up those who are about to come in. All *directory*."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.kernel import clock, tokens
from app.kernel.db import db
from app.kernel.errors import Gone, NotFound
from app.tenants import queries as tenants
from app.tenants.joining.models import SignUp
from app.tenants.joining.rules import sign_up_state, slugs_for
from app.tenants.models import Tenant

SIGN_UP = "sign up"
"""What the links of sign-ups are made for."""


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


def free_slug(organisation: str) -> str:
    """The plainest short name for an organisation that nobody has; somebody may be quicker."""
    slugs = slugs_for(organisation)
    while True:
        some = [slug for slug, _turn in zip(slugs, range(20), strict=False)]
        taken = set(db.session.scalars(select(Tenant.slug).where(Tenant.slug.in_(some))))
        for slug in some:
            if slug not in taken:
                return slug
