"""Passkeys: which there are, making one, taking one away."""

from __future__ import annotations

from uuid import UUID

from flask import flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.kernel.errors import Conflict, Invalid
from app.tenants import access
from app.tenants.accounts import ceremonies, queries, service
from app.tenants.accounts.forms import PasskeyForm
from app.tenants.accounts.rules import MOST_PASSKEYS
from app.tenants.accounts.views import blueprints
from app.tenants.accounts.views.blueprints import account_page, added, bp

Answer = str | tuple[str, int] | Response
_SENTENCES = {
    "/name": _l("Name the passkey."),
    "/credential": _l("No passkey was made. Try again; a browser that offers none cannot make one."),
    "/passkeys": _l("There are %(most)s passkeys already. Take one away first.", most=MOST_PASSKEYS),
    "/id": _l("This passkey is known already."),
}


@bp.get("/account/passkeys")
@access.signed_in
def passkeys() -> str:
    """The passkeys, and the form to make one."""
    return _page(PasskeyForm(next=request.args.get("next", "")))


@bp.post("/account/passkeys/challenge")
@access.signed_in
@access.fresh
def new_passkey_challenge() -> Response:
    """What the browser needs to make a passkey."""
    me, challenge = current_user, blueprints.give_challenge()
    known = [(row.credential_id, row.transports) for row in queries.list_passkeys(me.id)]
    return jsonify(ceremonies.making_options(blueprints.site(), challenge, me.id, me.email, me.name, known))


@bp.post("/account/passkeys")
@access.signed_in
@access.fresh
def add_passkey() -> Answer:
    """Take the passkey that the browser has made."""
    form, me, challenge = PasskeyForm(), current_user, blueprints.take_challenge()
    if not form.validate():
        return _page(form), 422
    sent = (form.name.data, blueprints.site(), challenge, form.credential.data or "")
    try:
        shown = service.add_passkey(me.id, me.session_id, *sent)
    except (Invalid, Conflict) as refusal:
        form.name.errors = [_SENTENCES[refusal.faults[0].pointer]]
        return _page(form), 422
    return added(shown, _("From now on this passkey signs you in."), form.next.data or url_for("accounts.passkeys"))


@bp.post("/account/passkeys/<uuid:passkey_id>/removal")
@access.signed_in
@access.fresh
def remove_passkey(passkey_id: UUID) -> Response:
    """Let a passkey in no more."""
    service.remove_passkey(current_user.id, current_user.session_id, passkey_id)
    flash(_("Removed. You are signed out everywhere else."))
    return redirect(url_for("accounts.passkeys"), code=303)


def _page(form: PasskeyForm) -> str:
    rows = queries.list_passkeys(current_user.id)
    return account_page("passkeys", form=form, rows=rows, is_fresh=access.has_fresh_sign_in())
