"""Proving once more who one is, before what matters most; and being led to a stronger way of signing in."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import limiter
from app.tenants import access, detours
from app.tenants.access import safe_next
from app.tenants.accounts import queries, service
from app.tenants.accounts.client import client
from app.tenants.accounts.forms import ProofForm
from app.tenants.accounts.views import blueprints
from app.tenants.accounts.views.blueprints import bp, page

Answer = str | tuple[str, int] | Response


@bp.get("/account/verify")
@access.signed_in
@access.vouched
def verify() -> str:
    """The page that asks."""
    return _verify(ProofForm(next=request.args.get("next", "")))


@bp.post("/account/verify")
@limiter.limit(blueprints.BY_ONE_PERSON, key_func=blueprints.by_one_person)
@access.signed_in
@access.vouched
def verify_submit() -> Answer:
    """Take the password, and a code where there is a second step, and lead back."""
    form, me = ProofForm(), current_user
    proved = form.validate() and service.prove_again(
        me.id, me.session_id, form.password.data, form.code.data or "", client()
    )
    if not proved:
        return _verify(form, "" if form.errors else _("That is not right. Try again.")), 422
    return redirect(safe_next(form.next.data), code=303)


@bp.post("/account/verify/passkey")
@limiter.limit(blueprints.BY_ONE_PERSON, key_func=blueprints.by_one_person)
@access.signed_in
@access.vouched
def verify_with_passkey() -> Answer:
    """Take the passkey that has answered, and lead back."""
    credential, target = request.form.get("credential", ""), request.form.get("next")
    me, answer = current_user, (blueprints.site(), blueprints.take_challenge(), credential)
    if not service.prove_again_with_passkey(me.id, me.session_id, *answer, client()):
        form = ProofForm(formdata=None, next=target)
        return _verify(form, _("This passkey could not be used. Try again, or use your password.")), 422
    return redirect(safe_next(target), code=303)


@bp.get("/account/stronger")
@access.signed_in
@access.vouched
def stronger() -> Answer:
    """Where a tenant sends somebody who signed in in a way that it does not take: to what they have, or to make it."""
    rule, steps = request.args.get("rule", ""), queries.second_steps(current_user.id)
    if rule not in ("two_steps", "passkey"):
        return redirect(url_for("tenants.start"), code=303)
    has_it = steps.passkeys > 0 if rule == "passkey" else bool(steps)
    return page("stronger", rule=rule, has_it=has_it, target=safe_next(request.args.get("next")))


def _verify(form: ProofForm, wrong: str = "") -> str:
    tenant_id = current_user.vouched_tenant_id
    return page(
        "verify",
        form=form,
        wrong=wrong,
        steps=queries.second_steps(current_user.id),
        providers_token=detours.providers_token(tenant_id) if tenant_id else "",
    )
