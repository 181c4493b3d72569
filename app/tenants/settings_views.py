"""The tenant's settings pages: how outreach and the loop behave, the team, and the audit."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.kernel.errors import Conflict, Invalid
from app.tenants import audit_words, queries, service
from app.tenants.access import member, permission, tenant
from app.tenants.forms import AddMemberForm, SettingsForm
from app.tenants.rules import STAFF_ROLES

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


@bp.get("/team")
@permission("settings.edit")
def team() -> str:
    """Who works here."""
    return _team(AddMemberForm())


@bp.post("/team")
@permission("settings.edit")
def add_member() -> tuple[str, int] | Response:
    """Add a person with a role."""
    form = AddMemberForm()
    if not form.validate():
        return _team(form), 422
    try:
        service.add_member(form.email.data, form.role.data, form.password.data, name=form.name.data or "")
    except (Invalid, Conflict) as error:
        form.email.errors = [str(error)]
        return _team(form), 422
    flash(_("%(email)s can sign in now.", email=form.email.data))
    return redirect(url_for("settings.team", tenant=tenant().slug), code=303)


@bp.post("/team/<uuid:user_id>/removal")
@permission("settings.edit")
def remove_member(user_id: UUID) -> Response:
    """End a person's membership; oneself cannot be removed, so that an admin always remains."""
    if user_id == member().user_id:
        flash(_("You cannot remove yourself."), "warning")
    else:
        service.end_membership(user_id)
        flash(_("Removed. The next page they open asks them to sign in elsewhere."))
    return redirect(url_for("settings.team", tenant=tenant().slug), code=303)


@bp.get("/audit")
@permission("audit.read")
def audit() -> str:
    """Who changed what."""
    page = queries.page_of_audit(request.args.get("cursor"))
    return render_template("tenants/audit.html", page=page, **audit_words.page_words())


def _team(form: AddMemberForm) -> str:
    return render_template("tenants/team.html", form=form, members=queries.list_members(), roles=STAFF_ROLES)
