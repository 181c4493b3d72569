"""Sign-in, sign-out, the choice of tenant, and the settings pages: keys, team, audit."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from app.extensions import limiter
from app.tenants import access, queries, service
from app.tenants.forms import SignInForm
from app.tenants.models import Membership, Tenant
from app.tenants.sessions import LANGUAGES, start_session

bp = Blueprint("tenants", __name__, template_folder="templates")


def _email_key() -> str:
    return f"sign-in:{request.form.get('email', '')[:320].strip().lower()}"


def safe_next(target: str | None) -> str:
    """`target` when it is a path of this site, else the start page: a redirect never leaves."""
    path = target or ""
    local = path.startswith("/") and not path.startswith("//")
    # Browsers read a backslash as a slash and drop control characters, so both could spell another host.
    if not local or any(character == "\\" or ord(character) < 33 for character in path):
        return url_for("tenants.start")
    return path


@bp.get("/")
@access.signed_in
def start() -> str | Response:
    """The person's tenant, or a choice when there are several."""
    found = queries.list_memberships(current_user.id)
    if len(found) == 1:
        return redirect(_home(*found[0]))
    return render_template("tenants/choose.html", homes=[(tenant.name, _home(tenant, role)) for tenant, role in found])


def _home(tenant: Tenant, membership: Membership) -> str:
    """The first page of a person in one of their tenants."""
    return url_for("portal.home" if membership.role == "partner" else "desk.home", tenant=tenant.slug)


@bp.get("/sign-in")
@access.public
def sign_in() -> str | Response:
    """The sign-in page; somebody signed in goes straight on."""
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")))
    return render_template("tenants/sign_in.html", form=SignInForm(next=request.args.get("next", "")))


@bp.post("/sign-in")
@limiter.limit("30 per minute", key_func=get_remote_address)
@limiter.limit("5 per minute; 30 per hour", key_func=_email_key)
@access.public
def sign_in_submit() -> tuple[str, int] | Response:
    """Check address and password; the answer to a wrong one never says which of the two it was."""
    form = SignInForm()
    user = service.check_password(form.email.data, form.password.data) if form.validate() else None
    if user is None:
        wrong = "" if form.errors else _("Address or password is wrong.")
        return render_template("tenants/sign_in.html", form=form, wrong=wrong), 422
    start_session(user)
    return redirect(safe_next(form.next.data), code=303)


@bp.post("/sign-out")
@access.signed_in
def sign_out() -> Response:
    """End this session."""
    logout_user()
    session.clear()
    return redirect(url_for("tenants.sign_in"), code=303)


@bp.post("/account/language")
@access.public
def language() -> Response:
    """Remember the language of this person (of this browser, for somebody not signed in)."""
    code = request.form.get("locale", "")
    if code in LANGUAGES:
        session["locale"] = code
        if current_user.is_authenticated:
            service.set_locale(current_user.id, code)
    return redirect(safe_next(request.form.get("next") or urlsplit(request.referrer or "").path), code=303)
