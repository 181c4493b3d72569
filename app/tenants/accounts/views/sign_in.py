"""Signing in: by password and, where there is one, a second step, or by a passkey alone; and signing out."""

from __future__ import annotations

from dataclasses import astuple

from flask import jsonify, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_security.utils import logout_user
from werkzeug.wrappers import Response

from app.extensions import limiter
from app.kernel import tokens
from app.tenants import access, detours
from app.tenants import queries as people
from app.tenants.access import safe_next
from app.tenants.accounts import ceremonies, queries, service
from app.tenants.accounts.client import client
from app.tenants.accounts.forms import CodeForm, SignInForm
from app.tenants.accounts.service import Begun, HalfWay
from app.tenants.accounts.views import blueprints
from app.tenants.accounts.views.blueprints import bp, page
from app.tenants.sessions import forget_visitor, start_session

Answer = str | tuple[str, int] | Response


@bp.get("/sign-in")
@access.public
def sign_in() -> Answer:
    """The sign-in page; somebody signed in goes straight on."""
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")))
    return _page(SignInForm(next=request.args.get("next", "")))


@bp.post("/sign-in")
@limiter.limit(blueprints.FROM_ONE_ADDRESS, key_func=get_remote_address)
@limiter.limit(blueprints.FOR_ONE_PERSON_FROM_THERE, key_func=blueprints.for_one_person_from_there)
@limiter.limit(blueprints.FOR_ONE_PERSON, key_func=blueprints.for_one_person, exempt_when=blueprints.has_been_here)
@access.public
def sign_in_submit() -> Answer:
    """Check address and password; the answer to a wrong one never says which of the two it was."""
    form = SignInForm()
    found = service.sign_in_with_password(form.email.data, form.password.data, client()) if form.validate() else None
    if found is None:
        return _page(form, "" if form.errors else _("Address or password is wrong.")), 422
    if isinstance(found, Begun):
        return _enter(found, form.next.data)
    forget_visitor()
    session["half_way"] = astuple(found)
    return redirect(url_for("accounts.second_step", next=form.next.data or None), code=303)


@bp.get("/sign-in/second-step")
@access.public
def second_step() -> Answer:
    """What is asked after the password."""
    return _second_step(CodeForm(next=request.args.get("next", "")))


@bp.post("/sign-in/second-step")
@limiter.limit(blueprints.FROM_ONE_ADDRESS, key_func=get_remote_address)
@limiter.limit(blueprints.BY_ONE_PERSON, key_func=blueprints.by_one_person)
@access.public
def second_step_submit() -> Answer:
    """Take the code."""
    form, half = CodeForm(), _half_way()
    found = service.sign_in_with_code(half, form.code.data, client()) if half and form.validate() else None
    if found is None:
        wrong = "" if form.errors else _("This code is wrong, or it has been used already.")
        return _second_step(form, wrong)
    return _enter(found, form.next.data)


@bp.post("/sign-in/passkey/challenge")
@limiter.limit(blueprints.FROM_ONE_ADDRESS, key_func=get_remote_address)
@access.public
def passkey_challenge() -> Response:
    """What the browser asks its passkeys; the same for everybody."""
    return jsonify(ceremonies.using_options(blueprints.site(), blueprints.give_challenge()))


@bp.post("/sign-in/passkey")
@limiter.limit(blueprints.FROM_ONE_ADDRESS, key_func=get_remote_address)
@access.public
def passkey_sign_in() -> Answer:
    """Sign in with the passkey that has answered."""
    form, credential = SignInForm(formdata=None), request.form.get("credential", "")
    found = service.sign_in_with_passkey(blueprints.site(), blueprints.take_challenge(), credential, client())
    if found is None:
        form.next.data = request.form.get("next", "")
        return _page(form, _("This passkey could not be used. Try again, or use your password.")), 422
    return _enter(found, request.form.get("next"))


@bp.post("/sign-out")
@access.signed_in
@access.vouched
def sign_out() -> Response:
    """End this session, and lead to the next one."""
    service.end_session(current_user.id, current_user.session_id)
    logout_user()
    session.clear()
    return redirect(url_for("accounts.sign_in", next=request.form.get("next")), code=303)


def _page(form: SignInForm, wrong: str = "") -> str:
    return page("sign_in", form=form, wrong=wrong, last=_last_place())


def _second_step(form: CodeForm, wrong: str = "") -> Answer:
    half = _half_way()
    user = service.find_half_way(half) if half else None
    if user is None:
        session.pop("half_way", None)
        return redirect(url_for("accounts.sign_in", next=form.next.data or None), code=303)
    answer = page("second_step", form=form, wrong=wrong, steps=queries.second_steps(user.id))
    return (answer, 422) if wrong or form.errors else answer


def _last_place() -> tuple[str, str] | None:
    """(token, name) of the tenant at whose providers this browser has signed in the last time."""
    token = request.cookies.get(detours.LAST_SIGN_IN_AT, "")
    found = tokens.read(detours.SIGN_IN_AT, token)
    tenant = people.find_open_tenant(found[0]) if found else None
    return (token, tenant.name) if tenant else None


def _half_way() -> HalfWay | None:
    kept = session.get("half_way")
    return HalfWay(*kept) if kept else None


def _enter(begun: Begun, target: str | None) -> Response:
    start_session(begun)
    return redirect(safe_next(target), code=303)
