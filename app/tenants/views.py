"""The first page: the choice of tenant; and the language that somebody reads."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.tenants import access, queries, service
from app.tenants.access import safe_next
from app.tenants.detours import page_before
from app.tenants.models import Membership, Tenant
from app.tenants.sessions import LANGUAGES

bp = Blueprint("tenants", __name__, template_folder="templates")


@bp.get("/")
@access.signed_in
@access.vouched
def start() -> str | Response:
    """The person's tenant, or a choice when there are several; an example is none to begin in."""
    found = _open_to_me()
    own = [row for row in found if not row[0].is_sample]
    return redirect(_home(*own[0])) if len(own) == 1 else _choice(found)


@bp.get("/organisations")
@access.signed_in
@access.vouched
def choose() -> str:
    """Where the person works, to go from one to another."""
    return _choice(_open_to_me())


def _open_to_me() -> list[tuple[Tenant, Membership]]:
    """Where this session may go: a tenant's provider learns nothing of where else its people work."""
    return [row for row in queries.list_memberships(current_user.id) if current_user.may_open(row[0])]


def _choice(found: list[tuple[Tenant, Membership]]) -> str:
    homes = [
        (tenant.name, _home(tenant, membership), membership.role, tenant.is_sample) for tenant, membership in found
    ]
    return render_template("tenants/choose.html", homes=homes)


def _home(tenant: Tenant, membership: Membership) -> str:
    """The first page of a person in one of their tenants."""
    return url_for("portal.home" if membership.role == "partner" else "desk.home", tenant=tenant.slug)


@bp.post("/account/language")
@access.public
def language() -> Response:
    """Remember the language of this person (of this browser, for somebody not signed in)."""
    code = request.form.get("locale", "")
    if code in LANGUAGES:
        session["locale"] = code
        if current_user.is_authenticated:
            service.set_locale(current_user.id, code)
    return redirect(safe_next(request.form.get("next") or page_before()), code=303)
