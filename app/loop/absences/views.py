"""The page "While I am away": one's own days, the team's, and for leads and admins those of somebody who is ill."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.loop.absences import queries, service
from app.loop.absences.forms import AbsenceForm
from app.loop.absences.words import away_words, label, notes_of, span_words
from app.tenants import queries as tenants
from app.tenants.access import member, permission, tenant
from app.tenants.rules import WORKING_ROLES
from app.web.forms import carried_out, errors_of

bp = Blueprint("absences", __name__, template_folder="templates", url_prefix="/t/<tenant>/absences")


@bp.get("")
@permission("cases.work")
def index() -> str:
    """Who is away and will be, and the form for more."""
    return _page(AbsenceForm(formdata=None))


@bp.post("")
@permission("cases.work")
def save() -> tuple[str, int] | Response:
    """Say that somebody is away."""
    form, me = AbsenceForm(), member()
    is_kept = form.validate() and carried_out(form, lambda: service.set_absence(form.days(me.user_id), me.role), {})
    if not is_kept:
        return _page(form), 422
    flash(_("Kept. Whoever stands in has a mail."))
    if unseen := queries.count_unseen(form.days(me.user_id)):
        words = _(
            "Whoever stands in does not see all of the open cases: nobody stands in for %(num)d of them.", num=unseen
        )
        flash(words, "warning")
    return _back()


@bp.post("/<uuid:absence_id>/return")
@permission("cases.work")
def come_back(absence_id: UUID) -> Response:
    """Somebody is back, or stays after all."""
    service.end_absence(absence_id, member().role)
    flash(_("Ended. Cases come to their owner again."))
    return _back()


def _page(form: AbsenceForm) -> str:
    day, me = queries.today(tenant().timezone), member().user_id
    ahead = queries.list_ahead(day)
    running = [row for row in ahead if row.first_on <= day]
    people = [(str(user.id), label(user)) for _row, user in tenants.list_members(roles=WORKING_ROLES)]
    return render_template(
        "absences/index.html",
        form=form,
        errors=errors_of(form),
        ahead=ahead,
        day=day,
        notes=notes_of(running, me),
        people=people,
        others=[row for row in people if row[0] != str(me)],
        **page_words(),
    )


def page_words() -> dict[str, object]:
    """What the templates of this room speak with."""
    return {"away_words": away_words, "span_words": span_words, "label": label}


def _back() -> Response:
    return redirect(url_for("absences.index", tenant=tenant().slug), code=303)
