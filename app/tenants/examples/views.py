"""The way into a tenant's example, the bar over each of its pages, and the way to be rid of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.errors import NotFound
from app.tenants.access import Member, member, permission, tenant
from app.tenants.examples import queries, service
from app.tenants.examples.models import Example
from app.tenants.examples.rules import CHAPTERS
from app.web.fragments import fragment
from app.web.htmx import conditional

bp = Blueprint("example", __name__, template_folder="templates", url_prefix="/t/<tenant>/example")


@bp.post("/")
@permission("settings.edit")
def enter() -> AnyResponse:
    """Into the example; it is made where there is none yet."""
    slug = service.enter_example(member().email)
    return redirect(url_for("desk.home", tenant=slug), code=303)


@bp.get("/progress")
@permission("home")
def progress() -> Response:
    """How far it is filled; 304 for a poll when nothing has changed. The page is drawn anew when there is more to see
    on it: with its first figures, and when all is told."""
    seen, drawn = _get_example(), request.args.get("drawn", type=int)
    answer = conditional(render_template("examples/_progress.html", **_facts(seen, drawn)))
    if drawn is not None and seen.has_more_to_show(drawn):
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.get("/removal")
@permission("settings.edit")
def removal() -> str:
    """Whether it is really to go."""
    _get_example()
    return render_template("examples/removal.html")


@bp.post("/removal")
@permission("settings.edit")
def remove() -> AnyResponse:
    """Remove it, and back to where one works."""
    _get_example()
    service.remove_example(tenant().id)
    flash(_("The example is removed."), "success")
    return redirect(url_for("tenants.start"), code=303)


def page_words() -> dict[str, Callable[[], Markup]]:
    """What the frame of a page draws above it."""
    return {"example_bar": example_bar}


def example_bar() -> Markup:
    """Over every page of an example: that it is one, how far it is filled, and the way to be rid of it."""
    who = g.get("member")
    seen = queries.find_example() if isinstance(who, Member) and tenant().is_sample else None
    if not isinstance(who, Member) or seen is None:
        return Markup()
    # Only the first page is one to draw anew; on others somebody may be writing.
    drawn = seen.told if request.endpoint == "desk.home" else None
    return fragment("examples/bar.html", may_remove=who.may("settings.edit"), **_facts(seen, drawn))


def _facts(seen: Example, drawn: int | None) -> dict[str, Any]:
    return {"example": seen, "chapters": CHAPTERS, "slug": tenant().slug, "drawn": drawn}


def _get_example() -> Example:
    """How far the example is whose pages these are. Raises NotFound where all is real."""
    found = queries.find_example()
    if found is None or not tenant().is_sample:
        raise NotFound()
    return found
