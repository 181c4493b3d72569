"""The letter of this room: a bill is unpaid."""

from __future__ import annotations

from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _

from app.billing import queries
from app.kernel import scope
from app.tenants import queries as tenants
from app.tenants.models import Tenant, User
from app.tenants.sessions import language_for
from app.web.dates import day
from app.web.letters import Letter, base_url


def unpaid_letter(user_id: UUID) -> Letter | None:
    """To an admin: what is unpaid, what happens and when, and where to pay; None once it is paid or they are gone."""
    standing = queries.standing()
    user, tenant = tenants.find_admin(user_id), tenants.find_tenant(scope.tenant_id())
    if user is None or tenant is None or standing.state not in ("grace", "read_only") or standing.until is None:
        return None
    language = language_for(user.locale or tenant.default_locale)
    with force_locale(language):
        if standing.is_read_only:
            happens = _("Heed is read-only for your organisation now, until it is paid.")
        else:
            until = day(standing.until, "long")
            happens = _("Nothing changes until %(day)s; from then on Heed is read-only until it is paid.", day=until)
        return _letter(tenant, user, language, happens)


def _letter(tenant: Tenant, user: User, language: str, happens: str) -> Letter:
    return Letter(
        to_address=user.email,
        language=language,
        subject=_("An invoice of %(tenant)s is unpaid", tenant=tenant.name),
        paragraphs=(
            _(
                "Stripe could not collect the last invoice of %(tenant)s. Often the card has expired.",
                tenant=tenant.name,
            ),
            happens,
            _("Answers of your customers keep coming in, and nothing is lost."),
        ),
        button=(_("See to the payment"), f"{base_url()}/t/{tenant.slug}/settings/billing/"),
        small=(_("You get this because you are an administrator there."),),
    )
