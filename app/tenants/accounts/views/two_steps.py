"""The second step: an app that shows codes, and recovery codes on paper."""

from __future__ import annotations

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import limiter
from app.kernel.errors import Invalid
from app.tenants import access
from app.tenants.accounts import codes, queries, service
from app.tenants.accounts.forms import CodeForm
from app.tenants.accounts.views import blueprints
from app.tenants.accounts.views.blueprints import account_page, added, bp

Answer = str | tuple[str, int] | Response
_KEPT = "new_app"


@bp.get("/account/two-steps")
@access.signed_in
def two_steps() -> str:
    """What there is, and what can be done."""
    return account_page("two_steps", steps=queries.second_steps(current_user.id))


@bp.get("/account/two-steps/app")
@access.signed_in
@access.fresh
def app_setup() -> Answer:
    """The code to scan with the app. Nothing is kept until the app has shown that it has it."""
    if queries.find_authenticator(current_user.id):
        return redirect(url_for("accounts.two_steps"), code=303)
    session[_KEPT] = codes.new_secret()
    return _setup(CodeForm(next=request.args.get("next", "")))


@bp.post("/account/two-steps/app")
@limiter.limit(blueprints.BY_ONE_PERSON, key_func=blueprints.by_one_person)
@access.signed_in
@access.fresh
def app_set_up() -> Answer:
    """Make the app the second step, once it has shown its first code."""
    form, me = CodeForm(), current_user
    if _KEPT not in session:
        return redirect(url_for("accounts.app_setup", next=form.next.data or None), code=303)
    if not form.validate():
        return _setup(form), 422
    try:
        shown = service.set_up_app(me.id, me.session_id, session[_KEPT], form.code.data)
    except Invalid:
        form.code.errors = [_("The app shows another code. Codes change every 30 seconds; take the newest.")]
        return _setup(form), 422
    session.pop(_KEPT)
    words = _("From now on signing in takes a code of your app as well.")
    return added(shown, words, form.next.data or url_for("accounts.two_steps"))


@bp.post("/account/two-steps/app/removal")
@access.signed_in
@access.fresh
def app_removal() -> Response:
    """Ask for codes of the app no more."""
    service.remove_app(current_user.id, current_user.session_id)
    flash(_("Removed. You are signed out everywhere else."))
    return redirect(url_for("accounts.two_steps"), code=303)


@bp.post("/account/two-steps/codes")
@access.signed_in
@access.fresh
def renew_codes() -> Answer:
    """New recovery codes, shown on this one page and never again."""
    shown = service.renew_recovery_codes(current_user.id, current_user.session_id)
    return added(shown, "", url_for("accounts.two_steps"))


def _setup(form: CodeForm) -> str:
    return account_page("app_setup", form=form, **codes.setup_words(current_user.email, session[_KEPT]))
