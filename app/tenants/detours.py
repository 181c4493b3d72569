"""Where somebody is sent first who may come in, but not yet: to sign in, to prove who they are, to a stronger way."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from flask import g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.kernel import tokens
from app.tenants.accounts.rules import PROVIDER, suffices
from app.tenants.models import Tenant

SIGN_IN_AT = "sign in at a provider"
"""What the links to a tenant's providers are made for."""
LAST_SIGN_IN_AT = "heed-signs-in-at"
"""The cookie by which the sign-in page knows at which tenant's providers this browser has signed in."""


def to_sign_in() -> Response:
    """To the sign-in page, and from there back."""
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=here), code=303)


def to_proof() -> Response:
    """To the page on which one proves anew who one is, and from there back."""
    return redirect(url_for("accounts.verify", next=_way_back()), code=303)


def to_stronger_way(rule: str, where: Tenant) -> Response | None:
    """Where somebody is sent whose session began in a way that this tenant does not take; None when it does."""
    if suffices(current_user.way, rule, is_vouched=current_user.is_vouched_in(where)):
        return None
    if rule == PROVIDER:
        return redirect(url_for("providers.choose", token=providers_token(g.tenant.id), next=_way_back()), code=303)
    return redirect(url_for("accounts.stronger", rule=rule, next=_way_back()), code=303)


def providers_token(tenant_id: UUID) -> str:
    """What opens the page on which a tenant's providers stand. It can not be guessed from the tenant's name."""
    return tokens.issue(SIGN_IN_AT, tenant_id, tenant_id)


def _way_back() -> str:
    """The page to come back to. What was sent is not sent again by itself: then it is the one on which it stood."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return page_before()


def page_before() -> str:
    """The path and query of the page on which a form stood, as the browser tells; empty where it tells nothing that can
    be read."""
    try:
        stood_on = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    return f"{stood_on.path}?{stood_on.query}" if stood_on.query else stood_on.path
