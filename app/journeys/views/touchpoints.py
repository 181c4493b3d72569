"""The touchpoints: the list, one by itself, adding, editing, ordering within a stage."""

from __future__ import annotations

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.journeys import queries, service
from app.journeys.forms import TouchpointForm
from app.journeys.models import Touchpoint
from app.journeys.rules import TouchpointInput
from app.journeys.views.blueprints import bp
from app.journeys.views.shared import go_to, page
from app.partners.forms import SENTENCES
from app.partners.queries import list_partners
from app.tenants.access import permission
from app.web.forms import carried_out


@bp.get("/touchpoints/")
@permission("journeys.read")
def touchpoints() -> str:
    """Some of the touchpoints; ?owner=nobody gives those that nobody answers for."""
    is_nobody = request.args.get("owner") == "nobody"
    found = queries.page_of_touchpoints(request.args.get("cursor"), nobody=is_nobody)
    total, unowned = queries.count_touchpoints()
    return page("touchpoints.html", found=found, total=total, unowned=unowned, is_nobody=is_nobody)


@bp.get("/touchpoints/<key>")
@permission("journeys.read")
def touchpoint(key: str) -> str:
    """One touchpoint."""
    return page("touchpoint.html", touchpoint=queries.get_touchpoint_by_key(key))


@bp.get("/journeys/<key>/touchpoints/new")
@permission("journeys.edit")
def new_touchpoint(key: str) -> str:
    """The form of a new touchpoint; ?stage= says where it goes."""
    journey = queries.get_journey_by_key(key)
    given = TouchpointInput("", journey.key, request.args.get("stage", ""), "")
    return _form(given)


@bp.post("/journeys/<key>/touchpoints/new")
@permission("journeys.edit")
def add_touchpoint(key: str) -> tuple[str, int] | Response:
    """Add a touchpoint to one of the stages."""
    queries.get_journey_by_key(key)
    form = _bound()
    if form.validate() and carried_out(form, lambda: _add(form), SENTENCES):
        flash(_("%(name)s is added.", name=form.name.data), "success")
        return go_to("journeys.index")
    return _page(form), 422


@bp.get("/touchpoints/<key>/edit")
@permission("journeys.edit")
def edit_touchpoint(key: str) -> str:
    """The form of a touchpoint."""
    found = queries.get_touchpoint_by_key(key)
    return _form(queries.as_input(found), found)


@bp.post("/touchpoints/<key>/edit")
@permission("journeys.edit")
def save_touchpoint(key: str) -> tuple[str, int] | Response:
    """Change a touchpoint, or move it to another stage."""
    found, form = queries.get_touchpoint_by_key(key), _bound()
    if form.validate() and carried_out(form, lambda: service.put_touchpoint(key, form.touchpoint()), SENTENCES):
        flash(_("Saved."), "success")
        return go_to("journeys.touchpoint", key=key)
    return _page(form, found), 422


@bp.post("/touchpoints/<key>/position")
@permission("journeys.edit")
def move_touchpoint(key: str) -> Response:
    """Put a touchpoint before or behind its neighbour."""
    service.move_touchpoint(key, -1 if request.form.get("direction") == "earlier" else 1)
    return go_to("journeys.index", _anchor=f"t-{key}")


def _add(form: TouchpointForm) -> Touchpoint:
    return service.add_touchpoint(form.touchpoint(), form.key.data or "")


def _bound() -> TouchpointForm:
    journeys, owners = queries.list_journeys(), _owner_choices()
    stages = [f"{journey.key}/{stage.key}" for journey in journeys for stage in journey.stages]
    return TouchpointForm.of(None, stages, [value for value, _name in owners[0] + owners[1]])


def _form(given: TouchpointInput, found: Touchpoint | None = None) -> str:
    return _page(TouchpointForm.of(given, [], []), found)


def _page(form: TouchpointForm, found: Touchpoint | None = None) -> str:
    departments, partners = _owner_choices()
    return page(
        "touchpoint_edit.html",
        form=form,
        touchpoint=found,
        journeys=queries.list_journeys(),
        departments=departments,
        partners=partners,
    )


def _owner_choices() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Who can answer for a touchpoint, as (value, name): the departments, and the partners."""
    departments = [(f"d:{department.key}", department.name) for department in queries.list_departments()]
    return departments, [(f"p:{partner.key}", partner.name) for partner in list_partners()]
