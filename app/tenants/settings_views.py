"""The tenant's settings pages: how outreach and the loop behave."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.tenants import queries, service
from app.tenants.access import permission, tenant
from app.tenants.forms import PLAIN_NAME_SENTENCES, SettingsForm
from app.web.forms import carried_out

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

    def change() -> None:
        service.change_settings(form.changes())

    if not (form.validate() and carried_out(form, change, PLAIN_NAME_SENTENCES)):
        return render_template("tenants/settings.html", form=form), 422
    flash(_("Saved."))
    return redirect(url_for("settings.index", tenant=tenant().slug), code=303)
