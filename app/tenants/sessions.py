"""The signed-in person of a request: how Flask-Login finds them, and which language they read."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import g, has_request_context, request, session
from flask_babel import Locale
from flask_login import UserMixin, current_user, login_user

from app.extensions import login
from app.kernel.ids import parse_id
from app.kernel.locales import normalise
from app.kernel.scope import directory_scope
from app.tenants import queries
from app.tenants.models import User
from app.tenants.service import session_id

LANGUAGES = {"en": "English", "zh-Hans": "简体中文"}
"""The languages of our own pages, by BCP 47 code, each named in itself."""


@dataclass
class SignedIn(UserMixin):
    """The person of this session, as plain values that outlive the transaction they were read in."""

    id: UUID
    email: str
    name: str
    locale: str | None
    session_id: str

    def get_id(self) -> str:
        """What the session cookie holds."""
        return self.session_id


def signed_in(user: User) -> SignedIn:
    """The session's view of a user."""
    return SignedIn(user.id, user.email, user.name, user.locale, session_id(user))


def start_session(user: User) -> None:
    """Sign this person in here, in a session that has nothing of whoever was here before."""
    session.clear()
    login_user(signed_in(user))
    session.permanent = True


@login.user_loader
def load_user(identity: str) -> SignedIn | None:
    """The person a session names, unless they were deactivated or the session was ended since."""
    user_id = parse_id(identity.partition(":")[0])
    if user_id is None:
        return None
    with directory_scope():
        user = queries.find_user(user_id)
        if user is None or not user.is_active or session_id(user) != identity:
            return None
        return signed_in(user)


def select_locale() -> str:
    """The language of this page, as Babel names it: the page's own choice, the person's, the browser's, English."""
    if not has_request_context():
        return "en"
    wanted = g.get("locale") or getattr(current_user, "locale", None) or session.get("locale")
    if wanted:
        return _babel_name(_best([str(wanted)]))
    return _babel_name(_best([value for value, _quality in request.accept_languages]))


def select_timezone() -> str:
    """The zone that times on this page are written in: the tenant's."""
    where = g.get("tenant") if has_request_context() else None
    return where.timezone if where else "UTC"


def language_for(tag: str | None) -> str:
    """The language of ours, as Babel names it, in which we write to a reader of this locale."""
    return _babel_name(_best([tag] if tag else []))


def _best(wanted: list[str]) -> str:
    for tag in wanted:
        try:
            language = normalise(tag).partition("-")[0]
        except ValueError:
            continue
        for code in LANGUAGES:
            if code.partition("-")[0] == language:
                return code
    return "en"


def _babel_name(tag: str) -> str:
    return str(Locale.parse(tag, sep="-"))
