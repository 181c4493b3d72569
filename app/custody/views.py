"""The page on which a tenant's admins have its data in their own hands: take all of it out."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.custody import words
from app.custody.exporting import queries as exports
from app.custody.exporting import service as exporting
from app.kernel.application import application
from app.kernel.errors import Conflict
from app.tenants.access import fresh, member, permission, tenant
from app.web.htmx import conditional

bp = Blueprint("data", __name__, template_folder="templates", url_prefix="/t/<tenant>/settings/data")


@bp.get("/")
@permission("data.export")
def index() -> str:
    """What can be done with all that is kept here."""
    return render_template("custody/data.html", **_exports())


@bp.get("/exports")
@permission("data.export")
def progress() -> Response:
    """How far the exports are; 304 for a poll when nothing has changed."""
    return conditional(render_template("custody/_exports.html", **_exports()))


@bp.post("/exports")
@permission("data.export")
@fresh
def ask() -> AnyResponse:
    """Have everything written into a file."""
    try:
        exporting.ask_for_export(member().user_id)
    except Conflict:
        flash(_("An export is under way already; there is one at a time."), "warning")
    return _back()


@bp.post("/exports/<uuid:export_id>/cancellation")
@permission("data.export")
def cancel(export_id: UUID) -> AnyResponse:
    """Stop building it, or throw its file away."""
    exporting.cancel_export(export_id)
    return _back()


@bp.post("/exports/<uuid:export_id>/file")
@permission("data.export")
@fresh
def take(export_id: UUID) -> Response:
    """The file; that it was fetched stands in the audit, and so a form asks for it."""
    row = exporting.record_taking(export_id)
    parts = exports.read_file(application(), tenant().id, member().user_id, row.id)
    name = f"heed-{tenant().slug}-{row.asked_at:%Y-%m-%d}.zip"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(row.size),
        "Cache-Control": "no-store",
    }
    return current_app.response_class(parts, mimetype="application/zip", headers=headers)


def _exports() -> dict[str, object]:
    found = exports.newest_exports()
    is_under_way = any(row.state in words.UNDER_WAY for row in found)
    return {"exports": found, "is_under_way": is_under_way, "state_words": words.STATE_WORDS, "size": words.size}


def _back() -> AnyResponse:
    return redirect(url_for("data.index", tenant=tenant().slug), code=303)
