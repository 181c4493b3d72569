"""The letters of this room: the link that proves an address."""

from __future__ import annotations

from uuid import UUID

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from app.config import Settings
from app.kernel import clock, tokens
from app.kernel.db import db
from app.tenants import queries as tenants
from app.tenants.joining.models import SignUp
from app.tenants.joining.queries import SIGN_UP
from app.tenants.joining.rules import SIGN_UP_HOLDS, sign_up_state
from app.tenants.sessions import language_for
from app.web.letters import Letter


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
            button=(_("Go on"), f"{_base_url()}/sign-up/{link}"),
            small=(
                _("The link works once and for 24 hours."),
                _("You have not asked for this? Then nothing needs to be done: without the link nothing is set up."),
            ),
        )


def _base_url() -> str:
    settings: Settings = current_app.extensions["heed_settings"]
    return settings.base_url
