"""What somebody is called, the language they read, and their password."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import limiter
from app.tenants import access
from app.tenants.accounts import service
from app.tenants.accounts.client import client
from app.tenants.accounts.forms import AddressForm, NameForm, PasswordForm
from app.tenants.accounts.views import blueprints
from app.tenants.accounts.views.blueprints import account_page, bp
from app.tenants.words import NAME_FAULT
from app.web.forms import carried_out

Answer = str | tuple[str, int] | Response
PASSWORD_FAULTS = {
    "/present": _l("This is not your present password."),
    "/wanted": _l("This password is easy to guess. Use several words that have nothing to do with you."),
}


@bp.get("/account/")
@access.signed_in
def you() -> str:
    """Who one is here."""
    return account_page("you", form=NameForm(name=current_user.name), address_form=AddressForm(formdata=None))


@bp.post("/account/name")
@access.signed_in
def set_name() -> Answer:
    """Be called something else."""
    form = NameForm()

    def save() -> None:
        service.set_name(current_user.id, form.name.data)

    if not (form.validate() and carried_out(form, save, {"/name": NAME_FAULT})):
        return account_page("you", form=form, address_form=AddressForm(formdata=None)), 422
    flash(_("Saved."))
    return redirect(url_for("accounts.you"), code=303)


@bp.get("/account/password")
@access.signed_in
def password() -> str:
    """The form for another password."""
    return account_page("password", form=PasswordForm())


@bp.post("/account/password")
@limiter.limit(blueprints.BY_ONE_PERSON, key_func=blueprints.by_one_person)
@access.signed_in
def change_password() -> Answer:
    """Change the password; the present one is asked for."""
    form, me = PasswordForm(), current_user
    typed = (form.present.data, form.wanted.data)
    done = form.validate() and carried_out(
        form, lambda: service.change_password(me.id, me.session_id, *typed, client()), PASSWORD_FAULTS
    )
    if not done:
        return account_page("password", form=form), 422
    flash(_("Changed. You are signed out everywhere else."))
    return redirect(url_for("accounts.password"), code=303)
