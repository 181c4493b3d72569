"""Signing up: ask for a link, look into one's mail, and finish."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask_babel import get_locale
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response

from app.config import Settings
from app.extensions import limiter
from app.kernel.errors import Gone
from app.kernel.scope import acting
from app.runtime.mailbox import is_ours
from app.tenants import access
from app.tenants import queries as tenants
from app.tenants.accounts import service as accounts
from app.tenants.accounts.client import client
from app.tenants.joining import queries, service
from app.tenants.joining.arriving import is_signed_in_as, stranger_words
from app.tenants.joining.forms import FINISH_SENTENCES, SIGN_UP_SENTENCES, FinishAsNewForm, FinishForm, SignUpForm
from app.tenants.joining.limits import typed_address
from app.tenants.joining.queries import Asked
from app.tenants.sessions import start_session
from app.web.forms import carried_out, errors_of

bp = Blueprint("joining", __name__, template_folder="templates")


@bp.get("/sign-up")
@access.public
def sign_up() -> str:
    """What Heed wants to know before it writes to somebody."""
    locale = str(get_locale() or "en").replace("_", "-")
    return _asking(SignUpForm(formdata=None, locale=locale if locale == "zh-Hans" else "en"))


@bp.post("/sign-up")
@limiter.limit("20 per hour", key_func=get_remote_address)
@limiter.limit("5 per hour", key_func=lambda: f"sign-up:{typed_address()}")
@access.public
def ask() -> tuple[str, int] | Response:
    """Send the link; the answer says nothing about who is known."""
    form = SignUpForm()

    def send() -> None:
        service.ask_to_sign_up(form.email.data, form.organisation.data, form.locale.data, form.timezone.data)

    if form.validate() and carried_out(form, send, SIGN_UP_SENTENCES):
        return redirect(url_for("joining.sent"), code=303)
    return _asking(form), 422


@bp.get("/sign-up/sent")
@access.public
def sent() -> str:
    """Look into your mail."""
    is_here = is_ours(current_app.extensions["heed_settings"])
    return render_template("joining/sent.html", mailbox_url=url_for("devmail.index") if is_here else "")


@bp.get("/sign-up/<link>")
@access.public
def finish(link: str) -> str | Response:
    """The last step: who one is, or that one signs in first."""
    try:
        asked = queries.get_sign_up(link)
    except Gone as over:
        return _led_on(link, over)
    form = FinishForm if asked.is_known else FinishAsNewForm
    return _finishing(link, asked, form(formdata=None, slug=queries.free_slug(asked.organisation)))


@bp.post("/sign-up/<link>")
@limiter.limit("30 per hour", key_func=get_remote_address)
@access.public
def finish_submit(link: str) -> tuple[str, int] | Response:
    """Make the organisation and open it; whoever sends the form twice is in it already."""
    try:
        return _finish(link)
    except Gone as over:
        return _led_on(link, over)


def _finish(link: str) -> tuple[str, int] | Response:
    asked = service.open_sign_up(link)
    form = FinishForm() if asked.is_known else FinishAsNewForm()
    is_stranger = asked.is_known and not is_signed_in_as(asked.email)

    def found() -> None:
        with acting(access.actor_here("user", label=asked.email)):
            service.finish_sign_up(asked, form.slug.data, _said(form, "name"), _said(form, "password") or None)

    if is_stranger or not (form.validate() and carried_out(form, found, FINISH_SENTENCES)):
        return _finishing(link, asked, form), 422
    if not asked.is_known:
        _sign_in(asked.email)
    return redirect(url_for("desk.start", tenant=form.slug.data), code=303)


def _led_on(link: str, over: Gone) -> Response:
    """To the first page, when whoever has used this link is here; for others it is over."""
    if not is_signed_in_as(queries.find_user_of(link) or ""):
        raise over
    return redirect(url_for("tenants.start"), code=303)


def _said(form: FinishForm, name: str) -> str:
    return form[name].data if name in form else ""


def _asking(form: SignUpForm) -> str:
    return render_template("joining/sign_up.html", form=form, errors=errors_of(form))


def _sign_in(email: str) -> None:
    user = tenants.find_user_by_email(email)
    assert user is not None
    start_session(accounts.sign_in_as_new(user, client()))


def _finishing(link: str, asked: Asked, form: FinishForm) -> str:
    settings: Settings = current_app.extensions["heed_settings"]
    address = f"{settings.base_url}{url_for('desk.home', tenant=form.slug.data or '…')}"
    words = {"asked": asked, "form": form, "errors": errors_of(form), "address": address}
    who = stranger_words(asked.email, asked.is_known, url_for("joining.finish", link=link))
    return render_template("joining/finish.html", **words, **who)
