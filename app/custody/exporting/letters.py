"""The letter of this room: an export is ready."""

from __future__ import annotations

from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _

from app.custody.exporting import queries
from app.custody.exporting.models import Export
from app.kernel import scope
from app.kernel.db import find_row
from app.tenants import queries as tenants
from app.tenants.sessions import language_for
from app.web.dates import day
from app.web.letters import Letter, base_url


def export_ready_letter(export_id: UUID) -> Letter | None:
    """To whoever asked for it, as long as they may have it; the file itself never travels by mail."""
    export, tenant = find_row(Export, export_id), tenants.find_tenant(scope.tenant_id())
    if export is None or tenant is None or export.state != "ready" or not queries.may_have(export.asked_by):
        return None
    user = tenants.find_user(export.asked_by)
    if user is None or export.expires_at is None:
        return None
    language = language_for(user.locale or tenant.default_locale)
    with force_locale(language):
        until = day(export.expires_at, "long")
        return Letter(
            to_address=user.email,
            language=language,
            subject=_("The export of %(tenant)s is ready", tenant=tenant.name),
            paragraphs=(
                _("Everything that Heed keeps for %(tenant)s stands in one file now.", tenant=tenant.name),
                _("It can be fetched until %(day)s; then it is deleted.", day=until),
            ),
            button=(_("Fetch the file"), f"{base_url()}/t/{tenant.slug}/settings/data/"),
            small=(_("You get this because you asked for it. If it was not you, look at the audit."),),
        )
