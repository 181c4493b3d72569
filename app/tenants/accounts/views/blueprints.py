"""The blueprint on which these pages hang, how often each of them may be tried, and what they share."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_limiter.util import get_remote_address
from flask_login import current_user
from werkzeug.wrappers import Response

from app.config import Settings
from app.kernel import clock
from app.tenants.access import safe_next
from app.tenants.accounts import ceremonies, queries
from app.tenants.accounts.ceremonies import Site
from app.tenants.sessions import LANGUAGES
from app.web.frame import Frame, Language, NavEntry

bp = Blueprint("accounts", __name__, template_folder="../templates")

FROM_ONE_ADDRESS = "30 per minute"
FOR_ONE_PERSON_FROM_THERE = "5 per minute; 30 per hour"
FOR_ONE_PERSON = "100 per hour"
BY_ONE_PERSON = "5 per minute; 30 per hour"
_CHALLENGE = "challenge"


def typed_address() -> str:
    """The e-mail address that is being tried."""
    return request.form.get("email", "")[:320].strip().lower()


def for_one_person() -> str:
    """Counts the tries to get in as one person."""
    return f"person:{typed_address()}"


def for_one_person_from_there() -> str:
    """Counts them for each place that they come from."""
    return f"person:{typed_address()}:{get_remote_address()}"


def by_one_person() -> str:
    """Counts what a person tries who is signed in, or half way."""
    half = session.get("half_way") or [""]
    return f"proof:{current_user.id if current_user.is_authenticated else half[0]}"


def has_been_here() -> bool:
    """Whether the person who is tried has signed in from this place before: somebody else's tries do not lock them
    out there."""
    return queries.has_signed_in_from(typed_address(), get_remote_address())


def site() -> Site:
    """For which site passkeys are made."""
    settings: Settings = current_app.extensions["heed_settings"]
    return ceremonies.site(settings.base_url, request.url)


def give_challenge() -> str:
    """A new challenge, which this browser has to bring back; it takes the place of any other."""
    session[_CHALLENGE] = ceremonies.new_challenge(clock.now())
    return str(session[_CHALLENGE])


def take_challenge() -> str:
    """The challenge that this browser was given; it is not taken twice."""
    return str(session.pop(_CHALLENGE, ""))


def page(template: str, **words: object) -> str:
    """One of the pages that stand alone: signing in, proving, showing something once."""
    return render_template(f"accounts/{template}.html", **words)


def account_page(template: str, **words: object) -> str:
    """One of the pages of the account, with the menu that leads to the others."""
    return page(template, frame=_frame(), **words)


def added(codes: list[str], words: str, onward: str) -> tuple[str, int] | Response:
    """What follows a new second step: the recovery codes, when these are the first, and then the page `onward`."""
    if codes:
        return page("recovery_codes", codes=codes, done=words, onward=safe_next(onward)), 201
    flash(words)
    return redirect(safe_next(onward), code=303)


_PLACES = (
    NavEntry(_l("You"), "accounts.you", icon="user-circle"),
    NavEntry(_l("Password"), "accounts.password", icon="key"),
    NavEntry(_l("Two steps"), "accounts.two_steps", icon="shield-lock"),
    NavEntry(_l("Passkeys"), "accounts.passkeys", icon="fingerprint"),
    NavEntry(_l("Sessions"), "accounts.sessions", icon="device-desktop"),
)
"""The menu; the address of each is its endpoint until a page is drawn."""


def _frame() -> Frame:
    code = str(get_locale()).replace("_", "-")
    here = request.path
    addresses = [url_for(place.url) for place in _PLACES]
    is_first = not any(here.startswith(address) for address in addresses[1:])
    active = [is_first, *(here.startswith(address) for address in addresses[1:])]
    menu = [
        NavEntry(str(place.label), address, place.icon, is_here)
        for place, address, is_here in zip(_PLACES, addresses, active, strict=True)
    ]
    return Frame(
        tenant_name=_("Your account"),
        home_url=url_for("tenants.start"),
        nav=[NavEntry(_("Back to work"), url_for("tenants.start"), icon="arrow-left"), *menu],
        user_name=current_user.name,
        user_email=current_user.email,
        sign_out_url=url_for("accounts.sign_out"),
        language_url=url_for("tenants.language"),
        languages=[Language(known, name, known == code) for known, name in LANGUAGES.items()],
    )
