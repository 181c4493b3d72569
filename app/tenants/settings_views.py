"""The tenant's settings pages: how outreach and the loop behave, API keys, and the audit."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.tenants import audit_words, queries, service
from app.tenants.access import fresh, permission, tenant
from app.tenants.forms import ApiKeyForm, SettingsForm

bp = Blueprint("settings", __name__, template_folder="templates", url_prefix="/t/<tenant>/settings")


@bp.get("/")
@permission("settings.edit")
def index() -> str:
    """How Heed behaves for this tenant."""
    return render_template("tenants/settings.html", form=SettingsForm(obj=queries.settings()))


@bp.post("/")
@permission("settings.edit")
def save() -> tuple[str, int] | Response:
    """Change the settings."""
    form = SettingsForm()
    if not form.validate():
        return render_template("tenants/settings.html", form=form), 422
    service.change_settings(form.changes())
    flash(_("Saved."))
    return redirect(url_for("settings.index", tenant=tenant().slug), code=303)


@bp.get("/keys")
@permission("settings.edit")
@fresh
def keys() -> str:
    """The API keys."""
    return render_template("tenants/keys.html", form=ApiKeyForm(), keys=queries.list_api_keys(), new_key=None)


@bp.post("/keys")
@permission("settings.edit")
@fresh
def create_key() -> tuple[str, int]:
    """Make a key; its text is shown on this one page and never again."""
    form, new_key = ApiKeyForm(), None
    if form.validate():
        new_key = service.create_api_key(form.name.data, tuple(form.scopes.data))
    rows = queries.list_api_keys()
    return render_template("tenants/keys.html", form=form, keys=rows, new_key=new_key), 201 if new_key else 422


@bp.post("/keys/<uuid:key_id>/revocation")
@permission("settings.edit")
@fresh
def revoke_key(key_id: UUID) -> Response:
    """End a key."""
    service.revoke_api_key(key_id)
    flash(_("Revoked. The next request with this key is refused."))
    return redirect(url_for("settings.keys", tenant=tenant().slug), code=303)


@bp.get("/audit")
@permission("audit.read")
def audit() -> str:
    """Who changed what."""
    page = queries.page_of_audit(request.args.get("cursor"))
    return render_template("tenants/audit.html", page=page, **audit_words.page_words())
