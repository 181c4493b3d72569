"""The letters of this room: the link that proves an address, and the invitation to a team."""

from __future__ import annotations

from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _

from app.kernel import clock, scope, tokens
from app.kernel.db import db, find_row
from app.kernel.naming import holds_web_address, unlinked
from app.tenants import queries as tenants
from app.tenants.joining.models import SignUp, TeamInvite
from app.tenants.joining.queries import JOIN, SIGN_UP
from app.tenants.joining.rules import SIGN_UP_HOLDS, sign_up_state
from app.tenants.models import User
from app.tenants.sessions import language_for
from app.tenants.words import ROLE_WORDS
from app.web.letters import Letter, base_url


def sign_up_letter(sign_up_id: UUID) -> Letter | None:
    """Go on with setting up an organisation. It says nothing that whoever asked has typed: they may be anybody."""
    asked = db.session.get(SignUp, sign_up_id)
    if asked is None or asked.used_at is not None or clock.now() >= asked.created_at + SIGN_UP_HOLDS:
        return None
    link = tokens.issue_link(SIGN_UP, asked.id, asked.created_at + SIGN_UP_HOLDS, sign_up_state(asked.used_at))
    language = language_for(asked.locale)
    with force_locale(language):
        if tenants.find_user_by_email(asked.email) is None:
            said = _("Somebody, probably you, wants to set up an organisation in Heed with this address.")
        else:
            said = _(
                "Somebody, probably you, wants to set up another organisation in Heed with this address. You have"
                " a log-in already: it will be one of those that you can choose from."
            )
        return Letter(
            to_address=asked.email,
            language=language,
            subject=_("Go on setting up Heed"),
            paragraphs=(said,),
            button=(_("Go on"), f"{base_url()}/sign-up/{link}"),
            small=(
                _("The link works once and for 24 hours."),
                _("You have not asked for this? Then nothing needs to be done: without the link nothing is set up."),
            ),
        )


def invite_letter(invite_id: UUID) -> Letter | None:
    """Come and work with us: who invites, where, and as what."""
    invite = find_row(TeamInvite, invite_id)
    if invite is None or not invite.is_open(clock.now()):
        return None
    tenant, inviter = tenants.find_tenant(scope.tenant_id()), db.session.get(User, invite.invited_by)
    assert tenant is not None and inviter is not None
    link = tokens.issue(JOIN, tenant.id, invite.id)
    # A name that an identity provider gave may hold anything; then the address says who it is.
    by = inviter.email if holds_web_address(inviter.name) else inviter.name
    language = language_for(invite.locale)
    with force_locale(language):
        role, name = str(ROLE_WORDS[invite.role]), unlinked(tenant.name)
        return Letter(
            to_address=invite.email,
            language=language,
            subject=_("%(inviter)s invites you to %(tenant)s in Heed", inviter=by, tenant=name),
            paragraphs=(
                _("You would work there as: %(role)s.", role=role),
                _(
                    "Heed is where %(tenant)s hears what its customers say, and puts right what went wrong.",
                    tenant=name,
                ),
            ),
            button=(_("Look at the invitation"), f"{base_url()}/join/{link}"),
            small=(
                _("The link works once, for seven days, and only for %(email)s.", email=invite.email),
                _("You do not know them? Then nothing needs to be done."),
            ),
        )
