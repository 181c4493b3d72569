"""The people of a partner, who sign in to its own pages: an admin invites and removes them."""

from __future__ import annotations

from uuid import UUID

from flask import flash
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.journeys.views.blueprints import partners_bp as bp
from app.journeys.views.partners import partner_page
from app.journeys.views.shared import go_to
from app.kernel.errors import NotFound
from app.partners.queries import get_partner_by_key
from app.tenants import service
from app.tenants.access import permission
from app.tenants.joining.forms import PERSON_SENTENCES, PersonForm
from app.tenants.joining.limits import few_letters
from app.tenants.joining.service import invite_person
from app.tenants.joining.team_views import inviter, language
from app.tenants.queries import list_partner_users
from app.web.forms import carried_out


@bp.post("/<key>/people")
@few_letters
@permission("settings.edit")
def add_person(key: str) -> tuple[str, int] | Response:
    """Invite a person of the partner."""
    partner, form = get_partner_by_key(key), PersonForm()

    def send() -> None:
        invite_person(inviter(), form.email.data, "partner", language(), partner.id)

    if not (form.validate() and carried_out(form, send, PERSON_SENTENCES)):
        return partner_page(partner, form), 422
    flash(_("An invitation is on its way to %(email)s.", email=form.email.data), "success")
    return go_to("partners.show", key=key)


@bp.post("/<key>/people/<uuid:user_id>/removal")
@permission("settings.edit")
def remove_person(key: str, user_id: UUID) -> Response:
    """End what a person of the partner may see here."""
    partner = get_partner_by_key(key)
    if user_id not in [user.id for _row, user in list_partner_users(partner.id)]:
        raise NotFound()
    service.end_membership(user_id)
    flash(_("Removed. The next page they open asks them to sign in elsewhere."), "success")
    return go_to("partners.show", key=key)
