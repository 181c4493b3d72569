"""The people of a partner, who sign in to its own pages: an admin adds and removes them."""

from __future__ import annotations

from uuid import UUID

from flask import flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.journeys.views.blueprints import partners_bp as bp
from app.journeys.views.partners import partner_page
from app.journeys.views.shared import go_to
from app.kernel.errors import Conflict, Invalid, NotFound
from app.partners.queries import get_partner_by_key
from app.tenants import service
from app.tenants.access import permission
from app.tenants.forms import PersonForm
from app.tenants.queries import list_partner_users

_SENTENCES = {
    "/email": _l("This is not an e-mail address."),
    "/password": _l("Somebody new needs a first password of at least 12 characters."),
}


@bp.post("/<key>/people")
@permission("settings.edit")
def add_person(key: str) -> tuple[str, int] | Response:
    """Let a person of the partner sign in."""
    partner, form = get_partner_by_key(key), PersonForm()
    if not form.validate():
        return partner_page(partner, form), 422
    try:
        name, password = form.name.data or "", form.password.data or None
        service.add_member(form.email.data, "partner", password, name=name, partner_id=partner.id)
    except Conflict:
        form.email.errors = [_("This person signs in here already.")]
        return partner_page(partner, form), 422
    except Invalid as refusal:
        for fault in refusal.faults:
            form[fault.pointer[1:]].errors = [_SENTENCES[fault.pointer]]
        return partner_page(partner, form), 422
    flash(_("%(email)s can sign in now.", email=form.email.data), "success")
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
