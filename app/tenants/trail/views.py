"""The audit page: every change, found by who, what and when, and taken out as a file."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.kernel.application import application
from app.kernel.errors import Invalid
from app.kernel.pagination import Page
from app.tenants import audit_words
from app.tenants.access import fresh, member, permission, tenant
from app.tenants.models import AuditEvent
from app.tenants.trail import export, forms, queries, service
from app.tenants.trail.queries import Wanted

bp = Blueprint("audit", __name__, template_folder="../templates", url_prefix="/t/<tenant>/settings/audit")


@bp.get("")
@permission("audit.read")
def index() -> str | tuple[str, int]:
    """Who changed what."""
    try:
        wanted = forms.read(request.args, ZoneInfo(tenant().timezone))
        page = queries.page_of_trail(wanted, request.args.get("cursor"))
    except Invalid as refused:
        return _page(Page([], None), str(refused)), 422
    return _page(page)


def _page(page: Page[AuditEvent], wrong: str | None = None) -> str:
    return render_template(
        "trail/audit.html",
        page=page,
        wrong=wrong,
        said=forms.said(request.args),
        head=queries.find_head(),
        people=forms.people_options(),
        actions=list(forms.action_options()),
        **audit_words.page_words(),
    )


@bp.post("/exports")
@permission("audit.read")
@fresh
def take_out() -> Response:
    """Take the wanted rows out as a file; that is a row itself."""
    form = request.form.get("form", "")
    if form not in export.FORMS:
        raise Invalid(_("Choose CSV or JSON Lines."))
    wanted: Wanted = forms.read(request.form, ZoneInfo(tenant().timezone))
    begins = service.record_export(wanted, form)
    who = export.Taker(tenant().id, member().user_id)
    lines = export.FORMS[form].lines(export.rows(application(), who, wanted, begins))
    name = f"audit-{tenant().slug}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return current_app.response_class(lines, mimetype=export.FORMS[form].mimetype, headers=headers)
