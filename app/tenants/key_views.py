"""The settings page of API keys. A key's text stands on the page that made it and nowhere else."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.kernel import clock
from app.kernel.errors import Conflict
from app.tenants import key_service, queries
from app.tenants.access import fresh, permission, tenant
from app.tenants.forms import PLAIN_NAME_SENTENCES, ApiKeyForm
from app.web.forms import carried_out

bp = Blueprint("keys", __name__, template_folder="templates", url_prefix="/t/<tenant>/settings/keys")


@bp.get("/")
@permission("settings.edit")
@fresh
def index() -> str:
    """The API keys."""
    return _page(ApiKeyForm(formdata=None))


@bp.post("/")
@permission("settings.edit")
@fresh
def create() -> tuple[str, int]:
    """Make a key; its text is shown on this one page and never again."""
    form, text = ApiKeyForm(), ""

    def make() -> None:
        nonlocal text
        text = key_service.create_api_key(form.name.data or "", tuple(form.scopes.data or ()), form.lifetime())

    if not (form.validate() and carried_out(form, make, PLAIN_NAME_SENTENCES)):
        return _page(form), 422
    return _page(ApiKeyForm(formdata=None), text), 201


@bp.post("/<uuid:key_id>/rotation")
@permission("settings.edit")
@fresh
def rotate(key_id: UUID) -> tuple[str, int] | Response:
    """Give a key another text, shown on this one page."""
    try:
        text = key_service.rotate_api_key(key_id)
    except Conflict:
        flash(_("This key has ended; make a new one."), "warning")
        return _to_index()
    return _page(ApiKeyForm(formdata=None), text), 201


@bp.post("/<uuid:key_id>/old-text/removal")
@permission("settings.edit")
@fresh
def end_old(key_id: UUID) -> Response:
    """End the text before the newest."""
    key_service.end_old_text(key_id)
    flash(_("The old text has ended. The next request with it is refused."))
    return _to_index()


@bp.post("/<uuid:key_id>/revocation")
@permission("settings.edit")
@fresh
def revoke(key_id: UUID) -> Response:
    """End a key."""
    key_service.revoke_api_key(key_id)
    flash(_("Revoked. The next request with this key is refused."))
    return _to_index()


def _page(form: ApiKeyForm, new_key: str | None = None) -> str:
    return render_template(
        "tenants/keys.html", form=form, keys=queries.list_api_keys(), new_key=new_key, now=clock.now()
    )


def _to_index() -> Response:
    return redirect(url_for("keys.index", tenant=tenant().slug), code=303)
