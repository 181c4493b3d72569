"""Look-ups of widgets: for the pages that hold them, and for those who set them up."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.surveys.answering.models import Widget


def get_widget(widget_id: UUID) -> Widget:
    """A widget with its survey and touchpoint. Raises NotFound."""
    found = db.session.scalar(_whole().where(Widget.id == widget_id))
    if found is None:
        raise NotFound()
    return found


def list_widgets(survey_id: UUID) -> list[Widget]:
    """The widgets of a survey, the oldest first."""
    return list(db.session.scalars(_whole().where(Widget.survey_id == survey_id).order_by(Widget.id)))


def _whole() -> Select[Widget]:
    return select(Widget).options(joinedload(Widget.survey), joinedload(Widget.touchpoint))
