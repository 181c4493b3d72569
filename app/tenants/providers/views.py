"""Signing in at a tenant's provider: the page with its buttons, the way there and the way back.

Who has no session finds that page by a link that cannot be guessed: nobody learns from a name which tenants there are.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import UTC, datetime
from uuid import UUID

import structlog
from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import csrf, limiter
from app.kernel import clock
from app.kernel.db import get_row
from app.kernel.errors import Forbidden, NotFound
from app.kernel.scope import Actor, acting
from app.tenants import access
from app.tenants.access import safe_next
from app.tenants.accounts.client import client
from app.tenants.accounts.rules import suffices
from app.tenants.accounts.service import Begun
from app.tenants.detours import LAST_SIGN_IN_AT, SIGN_IN_AT, providers_token
from app.tenants.providers import queries, service
from app.tenants.providers.models import IdentityProvider
from app.tenants.providers.protocol import Flow
from app.tenants.providers.queries import BACK
from app.tenants.providers.rules import FLOW_WITHIN
from app.tenants.providers.service import Arrival, Refused, Visitor
from app.tenants.sessions import start_session

bp = Blueprint("providers", __name__, template_folder="templates")

_KEY = "key_of_buttons"
_FLOW = "at_provider"
_ARRIVED = "arrived"
_FROM_ONE_ADDRESS = "60 per minute"
_REMEMBERED_SECONDS = 180 * 24 * 3600
_log = structlog.get_logger()


@bp.get("/sign-in/at/<token>")
@access.by_token(SIGN_IN_AT)
def choose() -> str:
    """The tenant's providers, each with its button."""
    _check_token()
    is_left = bool(current_user.is_authenticated) and suffices(current_user.way, "two_steps")
    return render_template(
        "providers/choose.html",
        tenant_name=g.tenant.name,
        token=providers_token(g.tenant.id),
        providers=[row for row in queries.list_providers() if row.is_ready],
        next=safe_next(request.args.get("next")),
        again=request.args.get("again"),
        key=session.setdefault(_KEY, secrets.token_urlsafe(16)),
        # Whether it is an admin, and needed, is asked when the button is pressed: here it would tell a stranger.
        may_pass_by=is_left,
    )


@bp.get("/sign-in/at/<token>/<uuid:provider_id>")
@limiter.limit(_FROM_ONE_ADDRESS, key_func=get_remote_address)
@access.by_token(SIGN_IN_AT)
def leave(provider_id: UUID) -> tuple[str, int] | Response:
    """Send the browser to the provider; what it has to bring back stays with it. Whoever has not pressed the button on
    our page is shown it first: nobody is sent off, and signed in, by a link of somebody else's."""
    _check_token()
    if not _is_pressed_here():
        target, again, token = request.args.get("next"), request.args.get("again"), providers_token(g.tenant.id)
        return redirect(url_for("providers.choose", token=token, next=target, again=again), code=303)
    try:
        address, flow = service.begin_flow(provider_id, again="again" in request.args)
    except Refused as refused:
        return _refuse(refused)
    wish = {"next": request.args.get("next"), "again": "again" in request.args}
    until = (clock.now() + FLOW_WITHIN).timestamp()
    session[_FLOW] = {"id": str(provider_id), "until": until, **wish, **asdict(flow)}
    return redirect(address, code=303)


@bp.get("/sign-in/back/<token>")
@limiter.limit(_FROM_ONE_ADDRESS, key_func=get_remote_address)
@access.by_token(BACK)
def back() -> tuple[str, int] | Response:
    """Let in whom the provider sends back to the browser that set out to it."""
    provider_id = get_row(IdentityProvider, g.token_object_id).id
    kept = session.pop(_FLOW, None)
    if kept is None or kept["id"] != str(provider_id) or clock.now().timestamp() >= kept["until"]:
        return _refuse(Refused("fault", "no such sign-in under way"))
    flow = Flow(kept["state"], kept["nonce"], kept["verifier"])
    try:
        with acting(Actor("system", address=request.remote_addr)):
            came = service.finish_flow(provider_id, flow, request.args, _visitor(), client())
    except Refused as refused:
        return _refuse(refused)
    if isinstance(came, Arrival):
        return _ask_whether(came, kept["next"])
    if isinstance(came, Begun):
        start_session(came)
    elif kept["again"] and came.fresh_until <= clock.now() and not current_user.is_proved:
        flash(_("Your provider does not say that it has just asked you who you are. Show it in your own way."), "error")
    return _remembered(redirect(safe_next(kept["next"]), code=303))


@bp.post("/sign-in/at/<token>/session")
@limiter.limit(_FROM_ONE_ADDRESS, key_func=get_remote_address)
@access.by_token(SIGN_IN_AT)
def change() -> tuple[str, int] | Response:
    """Begin the session of whom the provider has sent back, in place of somebody else's in this browser."""
    csrf.protect()
    _check_token()
    kept, visitor = session.pop(_ARRIVED, None), _visitor()
    if kept is None or visitor is None or kept["at"] != str(g.tenant.id) or clock.now().timestamp() >= kept["until"]:
        return _refuse(Refused("fault", "nobody has arrived"))
    fresh_until = datetime.fromtimestamp(kept["fresh_until"], UTC)
    try:
        begun = service.change_places(visitor, UUID(kept["id"]), fresh_until, client())
    except Refused as refused:
        return _refuse(refused)
    start_session(begun)
    return _remembered(redirect(safe_next(kept["next"]), code=303))


@bp.post("/sign-in/at/<token>")
@limiter.limit("10 per hour", key_func=get_remote_address)
@access.by_token(SIGN_IN_AT)
def pass_by() -> Response:
    """Come in without the provider, as an admin may for whom there is no other way."""
    csrf.protect()
    _check_token()
    if not current_user.is_authenticated:
        raise Forbidden()
    with acting(Actor("user", current_user.id, current_user.name or current_user.email, request.remote_addr)):
        service.enter_by_own_way(current_user.id, current_user.session_id, current_user.way)
    return redirect(safe_next(request.form.get("next")), code=303)


def _check_token() -> None:
    """The token of this page names a tenant twice. Raises NotFound."""
    if g.token_object_id != g.tenant.id:
        raise NotFound()


def _is_pressed_here() -> bool:
    key = str(session.get(_KEY) or "")
    return bool(key) and secrets.compare_digest(request.args.get("key", "").encode(), key.encode())


def _visitor() -> Visitor | None:
    if not current_user.is_authenticated:
        return None
    is_proved = current_user.is_proved and access.has_fresh_sign_in()
    return Visitor(current_user.id, current_user.session_id, is_proved)


def _ask_whether(arrival: Arrival, target: str | None) -> tuple[str, int]:
    """The page that says who is signed in and who has arrived; only its button changes one for the other."""
    session[_ARRIVED] = {
        "id": str(arrival.identity_id),
        "at": str(g.tenant.id),
        "fresh_until": arrival.fresh_until.timestamp(),
        "until": (clock.now() + FLOW_WITHIN).timestamp(),
        "next": target,
    }
    token = providers_token(g.tenant.id)
    return render_template("providers/change.html", email=arrival.email, tenant_name=g.tenant.name, token=token), 200


def _refuse(refused: Refused) -> tuple[str, int]:
    """The page that says why, in words that help its reader and nobody else; the log has the rest."""
    _log.warning("provider_refused", reason=refused.reason, detail=refused.detail if refused.reason == "fault" else "")
    token = providers_token(g.tenant.id)
    own_way = "accounts.verify" if current_user.is_authenticated else "accounts.sign_in"
    words = {"reason": refused.reason, "tenant_name": g.tenant.name, "token": token}
    again = url_for("providers.choose", token=token)
    return render_template("providers/refused.html", own_way=url_for(own_way, next=again), again=again, **words), 422


def _remembered(answer: Response) -> Response:
    """Let the sign-in page of this browser lead here the next time."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    flags = {"httponly": True, "samesite": "Lax", "secure": secure, "path": "/sign-in"}
    answer.set_cookie(LAST_SIGN_IN_AT, providers_token(g.tenant.id), _REMEMBERED_SECONDS, **flags)
    return answer
