"""The tenant's logo: the page on which it is chosen and taken away, and the address under which everybody sees it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.tenants import queries, service, words
from app.tenants.access import by_token, permission, tenant
from app.tenants.brand import LOGO_PURPOSE
from app.tenants.logo_rules import NoLogo

bp = Blueprint("logo", __name__, template_folder="templates")

_FOR_GOOD = "public, max-age=31536000, immutable"


@bp.get("/t/<tenant>/settings/logo")
@permission("settings.edit")
def index() -> str:
    """The logo as customers see it, and the form to choose another."""
    return _page()


@bp.post("/t/<tenant>/settings/logo")
@permission("settings.edit")
def save() -> tuple[str, int] | AnyResponse:
    """Take the uploaded picture."""
    upload = request.files.get("logo")
    try:
        service.set_logo(upload.read() if upload else b"")
    except NoLogo as refusal:
        return _page(str(words.NO_LOGO_WORDS[refusal.fault])), 422
    flash(_("Saved. Customers see it from now on."))
    return redirect(url_for("logo.index", tenant=tenant().slug), code=303)


@bp.post("/t/<tenant>/settings/logo/removal")
@permission("settings.edit")
def remove() -> AnyResponse:
    """Go by the name alone."""
    service.remove_logo()
    flash(_("Removed. Pages and mails go by your name again."))
    return redirect(url_for("logo.index", tenant=tenant().slug), code=303)


@bp.get("/logo/<token>/<digest>.png")
@by_token(LOGO_PURPOSE)
def show(digest: str) -> AnyResponse:
    """The logo. An address in an old mail leads on to the one that the tenant has now."""
    found = queries.find_logo()
    if found is None or found.id != g.token_object_id:
        abort(404)
    if digest != found.digest:
        current = queries.brand(tenant().name).logo
        assert current is not None
        return redirect(current.path, code=302)
    return Response(found.content, mimetype="image/png", headers={"Cache-Control": _FOR_GOOD})


def _page(error: str = "") -> str:
    return render_template("tenants/logo.html", brand=queries.brand(tenant().name), error=error)
