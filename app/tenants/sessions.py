"""The signed-in person of a request: how Flask-Security finds them, and which language they read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import g, has_request_context, request, session
from flask_babel import Locale
from flask_login import UserMixin, current_user
from flask_security.utils import login_user

from app.kernel import clock
from app.kernel.locales import normalise
from app.kernel.scope import directory_scope
from app.tenants.accounts import queries
from app.tenants.accounts.models import UserSession
from app.tenants.accounts.rules import PROVIDER, SEEN_EVERY, is_over
from app.tenants.accounts.service import Begun
from app.tenants.accounts.service.sessions import digest, touch_session
from app.tenants.models import Tenant, User

LANGUAGES = {"en": "English", "zh-Hans": "简体中文"}
"""The languages of our own pages, by BCP 47 code, each named in itself."""


@dataclass
class SignedIn(UserMixin):
    """The person of this session, as plain values that outlive the transaction they were read in."""

    id: UUID
    email: str
    name: str
    locale: str | None
    fs_uniquifier: str
    """What the session cookie holds; Flask-Security's name for it."""
    session_id: str
    way: str
    fresh_until: datetime
    vouched_tenant_id: UUID | None
    """The tenant whose provider speaks for this session."""
    active: bool = True

    @property
    def is_proved(self) -> bool:
        """Whether this person has shown to us who they are, not only to some tenant's provider."""
        return self.way != PROVIDER

    def may_open(self, where: Tenant) -> bool:
        """Whether this session may look into a tenant, or the one whose example it is, as far as it is its person's."""
        return self.is_proved or self.is_vouched_in(where)

    def is_vouched_in(self, where: Tenant) -> bool:
        """Whether a provider of this tenant speaks for this session, or of the one whose example it is."""
        return self.vouched_tenant_id is not None and self.vouched_tenant_id in (where.id, where.sample_of)

    def get_id(self) -> str:
        """What the session cookie holds."""
        return self.fs_uniquifier


def start_session(begun: Begun) -> None:
    """Let this browser have a session that has begun, with nothing of whoever was here before: one that somebody else
    put there is worth nothing."""
    forget_visitor()
    login_user(signed_in(begun.row, begun.user, begun.secret))
    session.permanent = True


def forget_visitor() -> None:
    """Leave nothing of whoever was here before in this browser's session but the language that was chosen here."""
    language = session.get("locale")
    session.clear()
    if language:
        session["locale"] = language


def load_person(secret: str) -> SignedIn | None:
    """The person whose session this is, unless it is over or they were deactivated since."""
    now = clock.now()
    with directory_scope():
        found = queries.find_session(digest(secret))
        if (
            found is None
            or not found[1].is_active
            or is_over(found[0].begun_at, found[0].seen_at, found[0].ended_at, now)
        ):
            return None
        if now - found[0].seen_at >= SEEN_EVERY:
            touch_session(found[0].id, now)
        return signed_in(*found, secret)


def signed_in(row: UserSession, user: User, secret: str) -> SignedIn:
    """A session's view of its person."""
    told = (row.id, row.way, row.fresh_until, row.vouched_tenant_id)
    return SignedIn(user.id, user.email, user.name, user.locale, secret, *told)


def select_locale() -> str:
    """The language of this page, as Babel names it: the page's own choice, the person's, the browser's, English."""
    if not has_request_context():
        return "en"
    wanted = g.get("locale") or _chosen()
    if wanted:
        return _babel_name(_best([str(wanted)]))
    return _babel_name(_best([value for value, _quality in request.accept_languages]))


def _chosen() -> str | None:
    """What the person has chosen; whom only a tenant's provider knows chooses for this browser alone."""
    own, here = getattr(current_user, "locale", None), session.get("locale")
    return own or here if getattr(current_user, "is_proved", True) else here or own


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
