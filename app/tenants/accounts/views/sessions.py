"""Where one is signed in, the last tries to sign in, and ending what should not be there."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.kernel import clock
from app.tenants import access
from app.tenants.accounts import queries, service
from app.tenants.accounts.views.blueprints import account_page, bp


@bp.get("/account/sessions")
@access.signed_in
def sessions() -> str:
    """The list."""
    me, now = current_user, clock.now()
    rows, tries = queries.list_sessions(me.id, now), queries.list_sign_ins(me.id, now)
    return account_page("sessions", rows=rows, tries=tries, this=me.session_id)


@bp.post("/account/sessions/<session_id>/end")
@access.signed_in
def end_session(session_id: str) -> Response:
    """End one of them."""
    service.end_session(current_user.id, session_id)
    flash(_("Ended. The next page that is opened there asks to sign in."))
    return redirect(url_for("accounts.sessions"), code=303)


@bp.post("/account/sessions/end-others")
@access.signed_in
def end_other_sessions() -> Response:
    """End all but this one."""
    service.end_sessions(current_user.id, but=current_user.session_id)
    flash(_("You are signed out everywhere else."))
    return redirect(url_for("accounts.sessions"), code=303)
