"""The journeys: stages as columns, touchpoints as cards; adding, editing, ordering and removing a journey."""

from __future__ import annotations

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.journeys import queries, service
from app.journeys.forms import JOURNEY_SENTENCES, JourneyEditForm, JourneyForm
from app.journeys.views.blueprints import bp
from app.journeys.views.shared import go_to, page
from app.tenants.access import permission
from app.web.forms import carried_out


@bp.get("/journeys/")
@permission("journeys.read")
def index() -> str:
    """Every journey."""
    return _board(JourneyForm(formdata=None) if "add" in request.args else None)


@bp.post("/journeys/")
@permission("journeys.edit")
def add_journey() -> tuple[str, int] | Response:
    """Add a journey with its stages."""
    form = JourneyForm()
    if form.validate() and carried_out(
        form,
        lambda: service.add_journey(form.name.data, form.stage_names(), form.key.data or ""),
        JOURNEY_SENTENCES,
    ):
        flash(_("%(name)s is added. Put its touchpoints into its stages.", name=form.name.data), "success")
        return go_to("journeys.index")
    return _board(form), 422


@bp.get("/journeys/<key>/edit")
@permission("journeys.edit")
def edit_journey(key: str) -> str:
    """The form of a journey and its stages."""
    journey = queries.get_journey_by_key(key)
    return _journey_form(key, JourneyEditForm(formdata=None, data={"name": journey.name}))


@bp.post("/journeys/<key>/edit")
@permission("journeys.edit")
def save_journey(key: str) -> tuple[str, int] | Response:
    """Rename a journey, rename, order, add and remove its stages."""
    form = JourneyEditForm()
    keys = [stage.key for stage in queries.list_stages(queries.get_journey_by_key(key).id)]
    stages, removed = form.stages_wanted(request.form, keys)
    if form.validate() and carried_out(
        form, lambda: service.edit_journey(key, form.name.data, stages, removed), JOURNEY_SENTENCES
    ):
        flash(_("Saved."), "success")
        return go_to("journeys.index")
    return _journey_form(key, form), 422


@bp.post("/journeys/<key>/position")
@permission("journeys.edit")
def move_journey(key: str) -> Response:
    """Put a journey before or behind its neighbour."""
    service.move_journey(key, -1 if request.form.get("direction") == "earlier" else 1)
    return go_to("journeys.index")


@bp.post("/journeys/<key>/removal")
@permission("journeys.edit")
def remove_journey(key: str) -> Response:
    """Remove a journey that has no touchpoints."""
    service.remove_journey(key)
    flash(_("Removed."))
    return go_to("journeys.index")


def _board(form: JourneyForm | None) -> str:
    touchpoints, unowned = queries.count_touchpoints()
    return page(
        "board.html", journeys=queries.list_journeys(), touchpoint_count=touchpoints, unowned=unowned, form=form
    )


def _journey_form(key: str, form: JourneyEditForm) -> str:
    journey = queries.get_journey_by_key(key)
    return page(
        "journey_edit.html",
        journey=journey,
        stages=queries.list_stages(journey.id),
        in_use=queries.stages_in_use(journey.id),
        form=form,
        posted=request.form,
    )
