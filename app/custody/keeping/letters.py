"""The letter of this room: less is kept than before."""

from __future__ import annotations

from uuid import UUID

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from app.custody.keeping import service
from app.custody.keeping.forms import CLASS_WORDS
from app.custody.keeping.models import Retention
from app.custody.keeping.rules import CLASSES
from app.kernel import scope
from app.tenants import queries as tenants
from app.tenants.sessions import language_for
from app.web.dates import moment
from app.web.letters import Letter, base_url


def retention_changed_letter(user_id: UUID) -> Letter | None:
    """To an admin: how long what is kept now, and from when on; None when a hold keeps it all, or they are gone."""
    tenant, chosen = tenants.find_tenant(scope.tenant_id()), service.find_retention()
    user = tenants.find_admin(user_id)
    if tenant is None or user is None or chosen is None or chosen.is_held:
        return None
    language = language_for(user.locale or tenant.default_locale)
    with force_locale(language):
        return Letter(
            to_address=user.email,
            language=language,
            subject=_("How long %(tenant)s keeps what has changed", tenant=tenant.name),
            paragraphs=(
                _(
                    "An administrator has chosen that something goes earlier than before, or has ended a legal hold. It"
                    " stands in the audit who."
                ),
                *_terms(chosen),
            ),
            button=(_("Look at it, or change it"), f"{base_url()}/t/{tenant.slug}/settings/data/retention"),
            small=(_("You get this because you are an administrator there."),),
        )


def _terms(chosen: Retention) -> list[str]:
    """When what goes, a line for each class that does."""
    terms = [(kind, months) for kind in CLASSES if (months := getattr(chosen.terms, kind)) is not None]
    if not terms:
        return []
    first = _(
        "From %(moment)s (UTC) on this goes by night once it is as old, and cannot be brought back:",
        moment=moment(chosen.next_at, "long"),
    )
    return [first, *(_line(kind, months) for kind, months in terms)]


def _line(kind: str, months: int) -> str:
    return ngettext("%(what)s: %(num)d month", "%(what)s: %(num)d months", months, what=CLASS_WORDS[kind])
