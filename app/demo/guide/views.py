"""The strip above the first page of each staff role, and what its buttons do; no other tenant ever sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.demo.guide import queries, service
from app.demo.shop.service import is_the_shop
from app.demo.shop.setting import FAR, SLUG
from app.kernel.errors import NotFound
from app.runtime.mailbox import is_ours
from app.tenants.access import Member, member, permission, tenant
from app.web.fragments import fragment
from app.web.htmx import conditional

PAGES = ("desk.home", "cases.inbox")
"""Where one begins, and where one sees the case arrive."""

_JUST_AWAY = "guide_just_away"

bp = Blueprint("guide", __name__, url_prefix="/t/<tenant>/guide", template_folder="templates")


@bp.get("/")
@permission("home")
def steps() -> Response:
    """The steps as they stand; 304 for a poll when nothing has changed."""
    _check_here()
    return conditional(render_template("demo/_steps.html", **_facts()))


@bp.post("/surveys")
@permission("home")
def ask() -> Response:
    """Send me a survey."""
    _check_here()
    locale = str(get_locale() or "en").replace("_", "-")
    service.send_survey(member().user_id, _("You, as a customer"), locale)
    return _back()


@bp.post("/card")
@permission("home")
def card() -> Response:
    """Look at the partner's card."""
    _check_here()
    service.open_card()
    return redirect(url_for("scorecards.show", tenant=tenant().slug, key=FAR), code=303)


@bp.post("/absence")
@permission("home")
def put_away() -> Response:
    """Put the guide away, or take it out again."""
    _check_here()
    is_away = request.form.get("is_away", "yes") == "yes"
    service.put_away(is_away)
    if is_away:
        session[_JUST_AWAY] = True
    return _back()


def page_words() -> dict[str, Callable[[], Markup]]:
    """What the frame of a page draws above it."""
    return {"above_page": above_page}


def above_page() -> Markup:
    """The guide, on the first pages of somebody of the demo tenant who has not put it away; else nothing."""
    who = g.get("member")
    if not isinstance(who, Member) or request.endpoint not in PAGES or not _is_here():
        return Markup()
    facts = _facts()
    is_just_away = session.pop(_JUST_AWAY, False)
    if facts["walk"].is_away and not is_just_away:
        return Markup()
    return fragment("demo/guide.html", **facts)


def _facts() -> dict[str, Any]:
    return {"walk": queries.find_walk(member().user_id), "slug": tenant().slug}


def _check_here() -> None:
    if not _is_here():
        raise NotFound()


def _is_here() -> bool:
    """Only in the tenant that we made, and only where its mail is kept for reading."""
    return tenant().slug == SLUG and is_ours(current_app.extensions["heed_settings"]) and is_the_shop()


def _back() -> Response:
    return redirect(url_for("desk.home", tenant=tenant().slug), code=303)
