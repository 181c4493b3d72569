"""Accepting an invitation: who holds the link sees what is offered; for a known address that person has to sign in."""

from __future__ import annotations

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response

from app.extensions import csrf, limiter
from app.kernel.scope import acting
from app.tenants import access
from app.tenants.accounts import service as accounts
from app.tenants.accounts.client import client
from app.tenants.joining import queries, service
from app.tenants.joining.arriving import is_signed_in_as, stranger_words
from app.tenants.joining.forms import JOIN_SENTENCES, JoinAsNewForm, JoinForm
from app.tenants.joining.queries import JOIN, Offer
from app.tenants.sessions import start_session
from app.web.forms import carried_out, errors_of

bp = Blueprint("join", __name__, template_folder="templates", url_prefix="/join/<token>")


@bp.get("")
@access.by_token(JOIN)
def offer() -> str:
    """Who invites, where, and as what."""
    offered = queries.get_offer(g.token_object_id)
    form = JoinForm if offered.is_known else JoinAsNewForm
    return _page(offered, form(formdata=None))


@bp.post("")
@limiter.limit("30 per hour", key_func=get_remote_address)
@access.by_token(JOIN)
def accept() -> tuple[str, int] | Response:
    """Become a member, and sign in when one is new."""
    csrf.protect()
    offered = queries.get_offer(g.token_object_id)
    form = JoinForm() if offered.is_known else JoinAsNewForm()

    def join() -> None:
        with acting(access.actor_here("user", label=offered.email)):
            user = service.accept_invite(offered.id, form.given_name(), form.given_password())
        if not offered.is_known:
            start_session(accounts.sign_in_as_new(user, client()))

    is_stranger = offered.is_known and not is_signed_in_as(offered.email)
    if is_stranger or not (form.validate() and carried_out(form, join, JOIN_SENTENCES)):
        return _page(offered, form), 422
    return redirect(url_for("tenants.start"), code=303)


def _page(offered: Offer, form: JoinForm) -> str:
    here = url_for("join.offer", token=request.path.rpartition("/")[2])
    return render_template(
        "joining/join.html",
        offered=offered,
        form=form,
        errors=errors_of(form),
        tenant_name=g.tenant.name,
        base_url=current_app.extensions["heed_settings"].base_url,
        **stranger_words(offered.email, offered.is_known, here),
    )
