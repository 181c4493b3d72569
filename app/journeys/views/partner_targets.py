"""The targets agreed with a partner: added, changed and ended by an admin on the partner's page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.journeys.views.blueprints import partners_bp as bp
from app.journeys.views.shared import go_to, page
from app.partners import queries, service, words
from app.partners.forms.targets import TARGET_SENTENCES, EndForm, TargetForm
from app.partners.models import Partner, PartnerTarget
from app.partners.queries import get_partner_by_key
from app.tenants.access import permission
from app.web.forms import carried_out, errors_of


@bp.get("/<key>/targets/new")
@permission("journeys.edit")
def new_target(key: str) -> str:
    """The form of a new target."""
    begun = {"first_month": queries.this_month(), "agreed_on": queries.today()}
    return _form(get_partner_by_key(key), TargetForm(formdata=None, data=begun), row=None)


@bp.post("/<key>/targets/new")
@permission("journeys.edit")
def add_target(key: str) -> tuple[str, int] | Response:
    """Agree on a target."""
    partner, form = get_partner_by_key(key), TargetForm()
    if form.validate() and carried_out(form, lambda: service.set_target(key, form.agreed()), TARGET_SENTENCES):
        flash(_("The target is set."), "success")
        return go_to("partners.show", key=key)
    return _form(partner, form, row=None), 422


@bp.get("/<key>/targets/<uuid:target_id>")
@permission("journeys.edit")
def edit_target(key: str, target_id: UUID) -> str:
    """The form of a target, and that of its end."""
    partner = get_partner_by_key(key)
    return _edit(partner, queries.get_target(partner.id, target_id))


@bp.post("/<key>/targets/<uuid:target_id>")
@permission("journeys.edit")
def save_target(key: str, target_id: UUID) -> tuple[str, int] | Response:
    """Change a target: from its own first month on it is corrected, from a later one on it is another."""
    partner, form = get_partner_by_key(key), TargetForm()
    row = queries.get_target(partner.id, target_id)
    del form.measure
    last_month = row.last_month if form.first_month.data == row.first_month else None
    if form.validate() and carried_out(
        form, lambda: service.set_target(key, form.agreed(row.measure, last_month)), TARGET_SENTENCES
    ):
        flash(_("The target is set."), "success")
        return go_to("partners.show", key=key)
    return _edit(partner, row, form), 422


@bp.post("/<key>/targets/<uuid:target_id>/ending")
@permission("journeys.edit")
def end_target(key: str, target_id: UUID) -> tuple[str, int] | Response:
    """Let a target count no longer after a month."""
    partner, ending = get_partner_by_key(key), EndForm()
    row = queries.get_target(partner.id, target_id)
    if ending.validate() and carried_out(
        ending, lambda: service.end_target(key, target_id, ending.last_month.data), TARGET_SENTENCES
    ):
        flash(_("The target is ended."), "success")
        return go_to("partners.show", key=key)
    return _edit(partner, row, ending=ending), 422


def _edit(partner: Partner, row: PartnerTarget, form: TargetForm | None = None, ending: EndForm | None = None) -> str:
    """A target to change, which counts from this month on unless another one is written, or to end."""
    now = queries.this_month()
    given = {**vars(row.as_target()), "first_month": max(row.first_month, now), "agreed_on": queries.today()}
    ending = ending or EndForm(formdata=None, data={"last_month": now})
    form = form or TargetForm(formdata=None, data=given)
    return _form(partner, form, row=row, ending=ending, ending_errors=errors_of(ending))


def _form(partner: Partner, form: TargetForm, **context: Any) -> str:
    return page("target_edit.html", partner=partner, form=form, target_words=words, **context)
