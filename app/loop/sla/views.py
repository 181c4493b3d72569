"""The settings page of the working hours."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.loop.sla import queries, service
from app.loop.sla.forms import WEEKDAYS, CalendarForm
from app.tenants.access import permission, tenant

bp = Blueprint("calendar", __name__, template_folder="templates", url_prefix="/t/<tenant>/settings")


@bp.get("/calendar")
@permission("settings.edit")
def index() -> str:
    """The working hours in force."""
    calendar = queries.calendar_in_force()
    return render_template("sla/calendar.html", form=CalendarForm.of(calendar), weekdays=WEEKDAYS)


@bp.post("/calendar")
@permission("settings.edit")
def save() -> tuple[str, int] | Response:
    """Put other working hours in force."""
    form = CalendarForm()
    if not form.validate():
        return render_template("sla/calendar.html", form=form, weekdays=WEEKDAYS), 422
    service.change_calendar(form.calendar())
    flash(_("Saved. Cases that open from now on keep these hours."))
    return redirect(url_for("calendar.index", tenant=tenant().slug), code=303)
