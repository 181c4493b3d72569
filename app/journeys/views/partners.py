"""The partners, each with the touchpoints it delivers."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.journeys import queries
from app.journeys.views.blueprints import partners_bp as bp
from app.journeys.views.shared import go_to, page
from app.kernel import clock
from app.partners import rules, service, words
from app.partners.forms import SENTENCES, PartnerForm
from app.partners.models import Partner
from app.partners.queries import get_partner_by_key, list_targets, page_of_partners_by_name, this_month
from app.tenants.access import member, permission
from app.tenants.joining.forms import PersonForm
from app.tenants.joining.queries import list_invites
from app.tenants.queries import list_partner_users
from app.web.forms import carried_out


@bp.get("/")
@permission("journeys.read")
def index() -> str:
    """Some of the partners, by name."""
    return _list(PartnerForm(formdata=None) if "add" in request.args else None)


@bp.post("/")
@permission("journeys.edit")
def add() -> tuple[str, int] | Response:
    """Add a partner."""
    form = PartnerForm()
    if form.validate() and carried_out(
        form, lambda: service.add_partner(form.name.data, form.key.data or ""), SENTENCES
    ):
        flash(_("%(name)s is added.", name=form.name.data), "success")
        return go_to("partners.index")
    return _list(form), 422


@bp.get("/<key>")
@permission("journeys.read")
def show(key: str) -> str:
    """One partner and what it delivers."""
    return partner_page(get_partner_by_key(key))


def partner_page(partner: Partner, form: PersonForm | None = None) -> str:
    """One partner with what it delivers, its targets and, for an admin, its people; `form` is that of a person who was
    refused."""
    found = queries.page_of_touchpoints(request.args.get("cursor"), partner_id=partner.id)
    people, invites = None, []
    if member().may("settings.edit"):
        people, invites = [user for _row, user in list_partner_users(partner.id)], list_invites(partner.id)
    return page(
        "partner.html",
        partner=partner,
        found=found,
        people=people,
        invites=invites,
        now=clock.now(),
        form=form or PersonForm(formdata=None),
        **targets_of(partner),
    )


def targets_of(partner: Partner) -> dict[str, Any]:
    """What the page needs to show of what was agreed with the partner."""
    rows, month = list_targets(partner.id), this_month()
    return {"targets": rules.current(rows, month), "past_targets": rules.past(rows, month), "target_words": words}


@bp.get("/<key>/edit")
@permission("journeys.edit")
def edit(key: str) -> str:
    """The form of a partner."""
    partner = get_partner_by_key(key)
    return page("partner_edit.html", partner=partner, form=PartnerForm(formdata=None, data={"name": partner.name}))


@bp.post("/<key>/edit")
@permission("journeys.edit")
def save(key: str) -> tuple[str, int] | Response:
    """Rename a partner."""
    partner, form = get_partner_by_key(key), PartnerForm()
    if form.validate() and carried_out(form, lambda: service.put_partner(key, form.name.data), SENTENCES):
        flash(_("Saved."), "success")
        return go_to("partners.show", key=key)
    return page("partner_edit.html", partner=partner, form=form), 422


def _list(form: PartnerForm | None) -> str:
    found = page_of_partners_by_name(request.args.get("cursor"))
    counts = queries.count_by_partner([partner.id for partner in found.rows])
    return page("partners.html", found=found, counts=counts, form=form)
