"""Setting up widgets: a survey in somebody's own pages."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from app.journeys.queries import find_touchpoint_by_key
from app.kernel import clock
from app.kernel.db import atomic, db, get_row
from app.kernel.errors import Conflict, Fault, Invalid
from app.kernel.naming import checked_name
from app.surveys.answering.models import Widget
from app.surveys.answering.widget_rules import WidgetInput, read_site, widget_faults
from app.surveys.design.queries import get_survey_by_key
from app.tenants import audit


def add_widget(survey_key: str, given: WidgetInput) -> Widget:
    """Embed a survey. Raises NotFound, Invalid with a pointer for each bad value, and Conflict for a follow-up survey:
    it is about a case, which a page of the site knows nothing of."""
    with atomic():
        survey = get_survey_by_key(survey_key)
        if survey.kind == "follow_up":
            raise Conflict("A survey about a case cannot be embedded.", [Fault("/survey", "a follow-up")])
        given, columns = _checked(given)
        now = clock.now()
        widget = Widget(survey_id=survey.id, created_at=now, updated_at=now, **columns)
        db.session.add(widget)
        db.session.flush()
        audit.record("widget.added", "widget", widget.id, after={"survey": survey.key, **asdict(given)})
        return widget


def change_widget(widget_id: UUID, given: WidgetInput) -> Widget:
    """Change a widget; pages that hold it follow within minutes. Raises NotFound, and Invalid as add_widget."""
    with atomic():
        widget = get_row(Widget, widget_id, lock=True)
        before = asdict(as_input(widget))
        given, columns = _checked(given)
        after = {name: value for name, value in asdict(given).items() if value != before[name]}
        if after:
            for name, value in columns.items():
                setattr(widget, name, value)
            widget.updated_at = clock.now()
            # Its name says which one it is, also where it stays the same.
            told = {name: value for name, value in before.items() if name in after or name == "name"}
            audit.record("widget.changed", "widget", widget.id, before=told, after=after)
        return widget


def as_input(widget: Widget) -> WidgetInput:
    """A widget in the shape in which it is sent."""
    return WidgetInput(
        name=widget.name,
        kind=widget.kind,
        sites=tuple(widget.sites),
        paths=tuple(widget.paths),
        touchpoint=widget.touchpoint.key if widget.touchpoint else "",
        delay_seconds=widget.delay_seconds,
        scroll_percent=widget.scroll_percent,
        sample_percent=widget.sample_percent,
        again_after_days=widget.again_after_days,
        is_active=widget.is_active,
    )


def _checked(given: WidgetInput) -> tuple[WidgetInput, dict[str, Any]]:
    """(the widget in its one spelling, its columns). Raises Invalid."""
    faults = list(widget_faults(given))
    touchpoint = find_touchpoint_by_key(given.touchpoint) if given.touchpoint else None
    if given.touchpoint and touchpoint is None:
        faults.append(Fault("/touchpoint", "There is no touchpoint with this key."))
    if faults:
        raise Invalid("The widget cannot be taken as it stands.", faults)
    sites = tuple(dict.fromkeys(map(read_site, given.sites)))
    given = replace(given, name=checked_name(given.name), sites=sites)
    columns = asdict(given) | {"sites": list(sites), "paths": list(given.paths)}
    del columns["touchpoint"]
    return given, {**columns, "touchpoint_id": touchpoint.id if touchpoint else None}
