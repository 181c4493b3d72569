"""The letters of these pages: the links that set a password and confirm an address, and word of what has changed."""

from __future__ import annotations

from uuid import UUID

from flask_babel import LazyString, force_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.tenants import queries as people
from app.tenants.accounts import queries
from app.tenants.accounts.state import NEW_EMAIL, RESET, link_for
from app.tenants.models import User
from app.tenants.sessions import language_for
from app.web.letters import Letter, base_url


def reset_letter(user_id: UUID) -> Letter | None:
    """The link with which a forgotten password is replaced."""
    user = _active(user_id)
    if user is None:
        return None
    with force_locale(language_for(user.locale)):
        return Letter(
            to_address=user.email,
            language=language_for(user.locale),
            subject=_("A new password for Heed"),
            paragraphs=(_("Somebody, probably you, wants to set a new password for this address."),),
            button=(_("Set a new password"), f"{base_url()}/account/reset/{link_for(RESET, user)}"),
            small=(
                _("The link works once and for 60 minutes. A second step is asked for as ever."),
                _("You have not asked for this? Then nothing needs to be done: your password stays as it is."),
            ),
        )


def new_email_letter(user_id: UUID) -> Letter | None:
    """The link that confirms an address, to that address; None when it is taken or no longer wanted."""
    user = _active(user_id)
    if user is None or user.new_email is None or people.find_user_by_email(user.new_email):
        return None
    with force_locale(language_for(user.locale)):
        return Letter(
            to_address=user.new_email,
            language=language_for(user.locale),
            subject=_("Confirm this address for Heed"),
            paragraphs=(_("Somebody, probably you, wants to sign in to Heed with this address from now on."),),
            button=(_("Confirm the address"), f"{base_url()}/account/email/{link_for(NEW_EMAIL, user)}"),
            small=(
                _("The link works once and for 60 minutes, for whoever is signed in with the present address."),
                _("You have not asked for this? Then nothing needs to be done."),
            ),
        )


_NOTES: dict[str, tuple[LazyString, LazyString]] = {
    "password_changed": (
        _l("Your password was changed"),
        _l("The password with which you sign in to Heed was changed, and all other browsers were signed out."),
    ),
    "email_change_asked": (
        _l("Your address is about to change"),
        _l("Somebody, probably you, wants to sign in to Heed with another address. Until that one is confirmed nothing"
           " changes."),
    ),
    "second_step_added": (
        _l("A second step was added"),
        _l("An app or a passkey was added to what you sign in to Heed with."),
    ),
    "second_step_removed": (
        _l("A second step was taken away"),
        _l("An app or a passkey was taken away from what you sign in to Heed with."),
    ),
    "provider_linked": (
        _l("An identity provider signs you in from now on"),
        _l("Your log-in to Heed was linked to the identity provider of an organisation that you work for. It opens that"
           " organisation and nothing else of yours."),
    ),
    "provider_passed_by": (
        _l("An admin came in without your identity provider"),
        _l("An admin of your organisation has signed in to Heed by their own way, although everybody comes through the"
           " identity provider. The audit says who."),
    ),
    "recovery_code_used": (
        _l("A recovery code was used"),
        _l("A recovery code took the place of your second step."),
    ),
    "recovery_codes_renewed": (
        _l("You have new recovery codes"),
        _l("New recovery codes were made for your log-in to Heed. The old ones no longer work."),
    ),
}  # fmt: skip
"""What the person of an account is told has happened: subject and sentence."""
NOTES = tuple(_NOTES)


def note(kind: str, user_id: UUID) -> Letter | None:
    """Word of a change, to the person it is about."""
    user = _active(user_id)
    if user is None:
        return None
    with force_locale(language_for(user.locale)):
        subject, sentence = _NOTES[kind]
        return Letter(
            to_address=user.email,
            language=language_for(user.locale),
            subject=str(subject),
            paragraphs=(str(sentence), *_codes_left(kind, user_id)),
            button=(_("Look at your sessions"), f"{base_url()}/account/sessions"),
            small=(_("Was it not you? Change your password at once, and sign out everywhere else."),),
        )


def _codes_left(kind: str, user_id: UUID) -> list[str]:
    if kind != "recovery_code_used":
        return []
    left = queries.second_steps(user_id).codes_left
    return [
        ngettext(
            "%(num)d code is left. Each works once, when app and passkey are out of reach.",
            "%(num)d codes are left. Each works once, when app and passkey are out of reach.",
            left,
        )
    ]


def _active(user_id: UUID) -> User | None:
    user = people.find_user(user_id)
    return user if user and user.is_active else None
