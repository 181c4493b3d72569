"""Who may come in: each route declares its kind of access, and one guard enters the right scope before the view runs.

The kinds are the decorators below; a route without one does not answer (and a house test names it).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as WerkzeugResponse

from app.extensions import csrf
from app.kernel import clock, tokens
from app.kernel.errors import BadRequest, Forbidden, Gone, NotFound, Unauthorized
from app.kernel.scope import Actor, acting, directory_scope, tenant_scope
from app.tenants import detours, key_service, queries, row_scopes
from app.tenants.accounts import security
from app.tenants.accounts.client import client
from app.tenants.accounts.rules import is_local
from app.tenants.api_keys import read_key
from app.tenants.examples import service as examples
from app.tenants.plan import check_paid
from app.tenants.rules import PERMISSIONS, SCOPES, RowScope, allows, scope_allows
from app.tenants.sessions import load_person

_NUL = "\0"
"""No text of ours holds it, and PostgreSQL cannot even be asked for it."""

_FORMS = ("public", "signed_in", "member")
"""Kinds of access whose forms are texts and nothing else; what customers send is read by itself, byte by byte."""

_LOOKING = ("GET", "HEAD", "OPTIONS")

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """What a route asks of its caller; `name` is a permission, a key scope or a token's purpose."""

    kind: Literal["public", "signed_in", "member", "token", "open_link", "api", "signature"]
    name: str = ""


@dataclass(frozen=True)
class TenantInfo:
    """The tenant of this request, as plain values that outlive the transaction they were read in."""

    id: UUID
    slug: str
    name: str
    timezone: str
    default_locale: str
    departs_at: datetime | None
    """When it is going to be deleted."""
    is_sample: bool


@dataclass(frozen=True)
class Member:
    """The signed-in person in the tenant of this request."""

    user_id: UUID
    email: str
    name: str
    role: str
    partner_id: UUID | None
    rows: RowScope

    def may(self, permission: str) -> bool:
        """Whether this person has the permission."""
        return allows(self.role, permission)


def permission(name: str) -> Callable[[View], View]:
    """For members with this permission (rules.PERMISSIONS), under /t/<tenant>/."""
    if name not in PERMISSIONS:
        raise KeyError(name)
    return _declare(Access("member", name))


def api_scope(name: str) -> Callable[[View], View]:
    """For API keys with this scope (`read` is every key's)."""
    if name not in SCOPES:
        raise KeyError(name)
    return _declare(Access("api", name))


def by_token(purpose: str) -> Callable[[View], View]:
    """For whoever holds a public token of this purpose; the view finds the object's id in `g.token_object_id`."""
    return _declare(Access("token", purpose))


def by_open_link(view: View) -> View:
    """For anybody, under /s/<tenant>/…; the view itself checks that the survey allows it."""
    return _declare(Access("open_link"))(view)


def signed_in(view: View) -> View:
    """For anybody who is signed in, in a directory scope."""
    return _declare(Access("signed_in"))(view)


def public(view: View) -> View:
    """For anybody, in a directory scope; such a view touches no tenant's data."""
    return _declare(Access("public"))(view)


def fresh(view: View) -> View:
    """Besides one of the kinds above: for people who have proved who they are in the last ten minutes; others are asked
    to, and come back."""
    vars(view)["__fresh__"] = True
    return view


def vouched(view: View) -> View:
    """Besides `signed_in`: also for sessions for which nobody but a tenant's provider speaks. Other pages of a person
    are not for that provider to open: what is set there counts in other tenants, too."""
    vars(view)["__vouched__"] = True
    return view


def by_signature(view: View) -> View:
    """For a provider whose signature the view itself verifies; it runs in no scope and without a form's token."""
    return _declare(Access("signature"))(view)


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        vars(view)["__access__"] = access
        return view

    return mark


def access_of(view: Callable[..., Any] | None) -> Access | None:
    """What a view declares, or None."""
    return getattr(view, "__access__", None)


def is_fresh(view: Callable[..., Any] | None) -> bool:
    """Whether a view asks for a fresh sign-in."""
    return getattr(view, "__fresh__", False)


def is_vouched(view: Callable[..., Any] | None) -> bool:
    """Whether a view of a person is open to those whom only a tenant's provider knows."""
    return getattr(view, "__vouched__", False)


def has_fresh_sign_in() -> bool:
    """Whether the person of this session has proved lately who they are."""
    return bool(clock.now() < current_user.fresh_until)


def member() -> Member:
    """The signed-in member of this request."""
    found = g.member
    assert isinstance(found, Member)
    return found


def tenant() -> TenantInfo:
    """The tenant of this request."""
    found = g.tenant
    assert isinstance(found, TenantInfo)
    return found


def safe_next(target: str | None) -> str:
    """`target` when it is a path of this site, else the start page: a redirect never leaves."""
    return target if target and is_local(target) else url_for("tenants.start")


def init_app(app: Flask, secret_key: str) -> None:
    """Put the guard before every view of `app`."""
    security.init_app(app, secret_key, load_person)
    app.before_request(_guard)
    app.teardown_request(_leave)


def _guard() -> WerkzeugResponse | None:
    """Enter the scope that the route asks for; answers itself only to send a stranger to the sign-in page."""
    g.scopes = ExitStack()
    if request.endpoint is None or _NUL in request.path:
        # A stranger learns nothing under /t/, not even which addresses exist.
        if request.path.startswith("/t/") and not _is_known_visitor():
            return detours.to_sign_in()
        if request.endpoint is None:
            return None
        raise NotFound()
    access = access_of(current_app.view_functions[request.endpoint])
    if access is None:
        raise RuntimeError(f"the route {request.endpoint} declares no access")
    elsewhere = _ENTRANCES[access.kind](access.name)
    # A page shows what it can of whatever stands in its address; a machine is told.
    if access.kind == "api":
        _refuse_nul(request.args, "The address")
    elif access.kind in _FORMS:
        _refuse_nul(request.form, "The form")
    return elsewhere


def _refuse_nul(sent: MultiDict[str, str], what: str) -> None:
    if any(_NUL in value for values in sent.listvalues() for value in values):
        raise BadRequest(f"{what} holds a character that is no text (NUL).")


def _leave(_error: BaseException | None) -> None:
    scopes = g.pop("scopes", None)
    if scopes is not None:
        scopes.close()


def _is_known_visitor() -> bool:
    """Whether the session names a person. Asked before the view's scope is entered, because the person is looked up in
    a scope of its own; inside the view's transaction it would be too late, and every error page asks for a language."""
    return bool(current_user.is_authenticated)


def _to_proof() -> WerkzeugResponse | None:
    """Where somebody is sent who has to prove anew who they are; None when there is no need."""
    assert request.endpoint is not None
    if not is_fresh(current_app.view_functions[request.endpoint]) or has_fresh_sign_in():
        return None
    return detours.to_proof()


def _to_own_proof() -> WerkzeugResponse | None:
    """Where somebody is sent from a page of theirs whom only a tenant's provider knows."""
    assert request.endpoint is not None
    if current_user.is_proved or is_vouched(current_app.view_functions[request.endpoint]):
        return None
    return detours.to_proof()


def _enter_public(_name: str) -> None:
    is_sent = request.method not in _LOOKING
    if is_sent:
        csrf.protect()
    if is_sent or request.view_args:
        # It may be refused for what it names, and what is asked for without a name answers without any database.
        _is_known_visitor()
    g.scopes.enter_context(directory_scope())


def _enter_signed_in(_name: str) -> WerkzeugResponse | None:
    if not _is_known_visitor():
        return detours.to_sign_in()
    csrf.protect()
    if elsewhere := _to_own_proof() or _to_proof():
        return elsewhere
    g.scopes.enter_context(directory_scope(current_user.id))
    g.scopes.enter_context(acting(_person(current_user.id, current_user.email)))
    return None


def _enter_member(name: str) -> WerkzeugResponse | None:
    if not _is_known_visitor():
        return detours.to_sign_in()
    assert request.view_args is not None
    with directory_scope(current_user.id):
        found = queries.find_membership(current_user.id, request.view_args.pop("tenant"))
    if not current_user.is_proved and (found is None or not current_user.may_open(found[0])):
        # The same for a tenant in which this person works and for one that there is not.
        return detours.to_proof()
    if found is None:
        raise NotFound()
    g.tenant, g.member = _tenant_info(found[0]), _member(found[1])
    if not g.member.may(name):
        raise Forbidden()
    csrf.protect()
    if elsewhere := detours.to_stronger_way(found[0].sign_in_rule, found[0]) or _to_proof():
        return elsewhere
    g.scopes.enter_context(tenant_scope(g.tenant.id, g.member.partner_id, row_scopes.seen_by(found[1])))
    g.scopes.enter_context(acting(_person(g.member.user_id, g.member.name or g.member.email)))
    if g.tenant.is_sample:
        examples.look_in(request.endpoint)
    _refuse_unpaid("member", name)
    return None


def _enter_token(name: str) -> None:
    assert request.view_args is not None
    _is_known_visitor()
    found = tokens.read(name, request.view_args.pop("token"))
    if found is None:
        raise NotFound()
    with directory_scope():
        owner = queries.find_tenant(found[0])
    if owner is None:
        raise NotFound()
    if owner.closed_at is not None:
        # We have made this link for somebody who is gone.
        raise Gone()
    g.tenant, g.token_object_id = _tenant_info(owner), found[1]
    g.scopes.enter_context(tenant_scope(owner.id))
    g.scopes.enter_context(acting(actor_here("customer")))


def _enter_open_link(_name: str) -> None:
    assert request.view_args is not None
    _is_known_visitor()
    with directory_scope():
        owner = queries.find_tenant_by_slug(request.view_args.pop("tenant"))
    if owner is None or owner.is_sample:  # nobody in an example looks at what a real person answers
        raise NotFound()
    g.tenant = _tenant_info(owner)
    g.scopes.enter_context(tenant_scope(owner.id))
    g.scopes.enter_context(acting(actor_here("customer")))


def _enter_api(name: str) -> None:
    _is_known_visitor()
    key = read_key(request.headers.get("Authorization", ""))
    if key is None:
        raise Unauthorized("Send a valid API key: Authorization: Bearer heed_…")
    with directory_scope():
        owner = queries.find_open_tenant(key.tenant_id)
    if owner is None or owner.is_sample:
        raise Unauthorized("The API key is unknown or revoked.")
    g.scopes.enter_context(tenant_scope(owner.id))
    row = queries.find_api_key(key.hash)
    if row is None:
        raise Unauthorized("The API key is unknown or revoked.")
    g.tenant, g.api_key_id = _tenant_info(owner), row.id
    g.api_scopes = frozenset(row.scopes.split())
    if not scope_allows(g.api_scopes, name):
        raise Forbidden(f"This key lacks the scope {name}.")
    key_service.note_use(row)
    g.scopes.enter_context(acting(actor_here("api_key", row.id, row.name)))
    _refuse_unpaid("api", name)


def _enter_signature(_name: str) -> None:
    """The view enters the scope of whoever the signed message is about."""


def _refuse_unpaid(kind: str, name: str) -> None:
    if request.method not in _LOOKING:
        check_paid(kind, name)


_ENTRANCES: dict[str, Callable[[str], WerkzeugResponse | None]] = {
    "public": _enter_public,
    "signed_in": _enter_signed_in,
    "member": _enter_member,
    "token": _enter_token,
    "open_link": _enter_open_link,
    "api": _enter_api,
    "signature": _enter_signature,
}


def _tenant_info(row: Any) -> TenantInfo:
    return TenantInfo(row.id, row.slug, row.name, row.timezone, row.default_locale, row.departs_at, row.is_sample)


def _member(membership: Any) -> Member:
    user = current_user
    return Member(user.id, user.email, user.name, membership.role, membership.partner_id, membership.rows)


def _person(user_id: UUID, label: str) -> Actor:
    return actor_here("user", user_id, label)


def actor_here(kind: str, actor_id: UUID | None = None, label: str = "") -> Actor:
    """Somebody who is at the other end of this request."""
    far = client()
    return Actor(kind, actor_id, label, far.address, far.browser or None)
