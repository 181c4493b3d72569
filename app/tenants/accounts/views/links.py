"""What a letter leads to: a password in place of a forgotten one, and another address."""

from __future__ import annotations

from flask import current_app, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_limiter.util import get_remote_address
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import limiter
from app.kernel.errors import Gone
from app.kernel.scope import directory_scope
from app.runtime.mailbox import is_ours
from app.tenants import access
from app.tenants.accounts import service, state
from app.tenants.accounts.forms import AddressForm, NameForm, NewPasswordForm
from app.tenants.accounts.views import blueprints
from app.tenants.accounts.views.blueprints import account_page, bp, page
from app.tenants.accounts.views.you import PASSWORD_FAULTS
from app.web.forms import carried_out

Answer = str | tuple[str, int] | Response
_NO_ADDRESS = {"/email": _l("This is not an e-mail address.")}


@bp.get("/account/reset")
@access.public
def reset() -> str:
    """Ask for a link."""
    return page("reset", form=AddressForm(formdata=None))


@bp.post("/account/reset")
@limiter.limit("20 per hour", key_func=get_remote_address)
@limiter.limit("5 per hour", key_func=lambda: f"reset:{blueprints.typed_address()}")
@access.public
def ask_reset() -> Answer:
    """Send the link; the answer is the same whoever is known."""
    form = AddressForm()
    if not form.validate():
        return page("reset", form=form), 422
    service.ask_reset(form.email.data)
    return redirect(url_for("accounts.reset_sent"), code=303)


@bp.get("/account/reset/sent")
@access.public
def reset_sent() -> str:
    """Look into your mail."""
    return page("reset_sent", mailbox_url=_mailbox_url())


@bp.get("/account/reset/<link>")
@access.public
def new_password(link: str) -> str:
    """The form for the new password."""
    state.get_by_link(state.RESET, link)
    return page("new_password", form=NewPasswordForm(formdata=None), link=link)


@bp.post("/account/reset/<link>")
@limiter.limit("30 per hour", key_func=get_remote_address)
@access.public
def set_new_password(link: str) -> Answer:
    """Set the new password; signing in comes after, with all its steps."""
    form = NewPasswordForm()
    # Nobody is signed in: the names of the organisations that a guesser would try show in the person's scope alone.
    with directory_scope(state.person_of(state.RESET, link)):
        done = form.validate() and carried_out(
            form, lambda: service.reset_password(link, form.wanted.data), PASSWORD_FAULTS
        )
    if not done:
        return page("new_password", form=form, link=link), 422
    flash(_("Your new password is set. Sign in with it."))
    return redirect(url_for("accounts.sign_in"), code=303)


@bp.post("/account/email")
@limiter.limit("10 per hour", key_func=blueprints.by_one_person)
@access.signed_in
@access.fresh
def ask_new_email() -> Answer:
    """Send a link to the address that is to take the place of the present one."""
    form = AddressForm()
    done = form.validate() and carried_out(
        form, lambda: service.ask_new_email(current_user.id, form.email.data), _NO_ADDRESS
    )
    if not done:
        return account_page("you", form=NameForm(formdata=None, name=current_user.name), address_form=form), 422
    flash(_("Look into the mail of %(email)s: the link there confirms it. Until then nothing changes.",
            email=form.email.data))  # fmt: skip
    return redirect(url_for("accounts.you"), code=303)


@bp.get("/account/email/<link>")
@access.signed_in
def new_email(link: str) -> str:
    """The button that confirms. Raises Gone for somebody else's link."""
    user = state.get_by_link(state.NEW_EMAIL, link)
    if user.id != current_user.id:
        raise Gone("This link is for somebody else.")
    return page("new_email", email=user.new_email, link=link)


@bp.post("/account/email/<link>")
@access.signed_in
def confirm_new_email(link: str) -> Response:
    """Sign in with the new address from now on."""
    service.confirm_new_email(current_user.id, link)
    flash(_("From now on you sign in with this address."))
    return redirect(url_for("accounts.you"), code=303)


def _mailbox_url() -> str:
    return url_for("devmail.index") if is_ours(current_app.extensions["heed_settings"]) else ""
