"""Deleting an organisation: asked for, taken back, told over every page meanwhile, and its proof afterwards."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, g, json, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.custody.departing import queries, service
from app.kernel.errors import Conflict, Invalid
from app.tenants.access import Member, fresh, member, permission, public, tenant
from app.web.fragments import fragment

bp = Blueprint("departing", __name__, template_folder="../templates", url_prefix="/t/<tenant>/settings/data/deletion")
proofs = Blueprint("proofs", __name__)


@bp.get("")
@permission("data.delete")
def index() -> str:
    """What deleting the organisation means, and the form that asks for it."""
    return _page()


@bp.post("")
@permission("data.delete")
@fresh
def ask() -> tuple[str, int] | AnyResponse:
    """Delete it when the days of grace are over."""
    try:
        service.ask_to_depart(member().user_id, request.form.get("slug", ""))
    except Invalid:
        return _page(_("This is another short name.")), 422
    except service.Held:
        flash(_("A legal hold is on: nothing is deleted before it has ended."), "warning")
    except Conflict:
        flash(_("Somebody has asked for it already."), "warning")
    return redirect(url_for("departing.index", tenant=tenant().slug), code=303)


@bp.post("/withdrawal")
@permission("data.delete")
def keep() -> AnyResponse:
    """Keep it after all."""
    if service.take_back():
        flash(_("It is kept. Nothing is deleted."), "success")
    else:
        flash(_("It is too late: whoever runs Heed for you has it deleted at once."), "danger")
    return redirect(url_for("departing.index", tenant=tenant().slug), code=303)


@proofs.get("/proofs/<link>")
@public
def proof(link: str) -> Response:
    """The proof that a tenant was deleted, for whoever holds the link."""
    found = queries.get_proof(link)
    text = json.dumps(found.proof, indent=2, sort_keys=True, ensure_ascii=False)
    headers = {
        "Content-Disposition": f'attachment; filename="deleted-{found.tenant_id}.json"',
        "Cache-Control": "no-store",
    }
    return Response(text, mimetype="application/json", headers=headers)


def page_words() -> dict[str, Callable[[], Markup]]:
    """What the frame of a page draws above it."""
    return {"departure_notice": departure_notice}


def departure_notice() -> Markup:
    """Over every page of everybody who works here while the organisation is about to be deleted."""
    who = g.get("member")
    if not isinstance(who, Member) or tenant().departs_at is None or request.blueprint == bp.name:
        return Markup()
    can_keep = who.may("data.delete")
    return fragment("custody/_notice.html", ends_at=tenant().departs_at, can_keep=can_keep, slug=tenant().slug)


def _page(error: str = "") -> str:
    is_held = queries.is_held()
    return render_template("custody/deletion.html", ends_at=tenant().departs_at, is_held=is_held, error=error)
