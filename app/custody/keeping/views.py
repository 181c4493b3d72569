"""The page on which a tenant chooses how long what is kept, and sees what would go tonight."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.custody.keeping import forms, letting_go, service
from app.custody.keeping.rules import Terms
from app.kernel import clock
from app.tenants.access import fresh, permission, tenant
from app.tenants.audit_words import FIELD_WORDS

bp = Blueprint("keeping", __name__, template_folder="../templates", url_prefix="/t/<tenant>/settings/data/retention")


@bp.get("")
@permission("settings.edit")
def index() -> str:
    """What is chosen, and what would go tonight; nothing goes before somebody has chosen."""
    chosen = service.find_retention()
    return _page(chosen.terms if chosen else forms.DEFAULT, is_held=chosen.is_held if chosen else False)


@bp.post("")
@permission("settings.edit")
@fresh
def save() -> tuple[str, int] | str | Response:
    """Look at what would go, or choose it."""
    terms, errors = forms.read(request.form)
    is_held = bool(request.form.get("is_held"))
    if errors:
        return _page(terms, is_held=is_held, errors=errors), 422
    if request.form.get("act") != "save":
        return _page(terms, is_held=is_held, is_tried=True)
    service.choose(terms, is_held=is_held)
    flash(_("Saved."))
    return redirect(url_for("keeping.index", tenant=tenant().slug), code=303)


def _page(terms: Terms, *, is_held: bool, errors: Mapping[str, str] | None = None, is_tried: bool = False) -> str:
    chosen = service.find_retention()
    due = {} if errors else letting_go.count_due(terms, clock.now())
    return render_template(
        "custody/retention.html",
        terms=terms,
        is_held=is_held,
        errors=errors or {},
        said=request.form,
        due={name: count for name, count in due.items() if count},
        chosen=chosen,
        is_late=chosen is not None and chosen.next_at <= clock.now(),
        is_tried=is_tried,
        class_words=forms.CLASS_WORDS,
        class_help=forms.CLASS_HELP,
        step_words=FIELD_WORDS,
    )
