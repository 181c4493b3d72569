"""What can be done with departments, journeys and touchpoints: put, add, edit, order, remove what is empty."""

from __future__ import annotations

from app.journeys.service.departments import add_department, put_department
from app.journeys.service.journeys import add_journey, edit_journey, move_journey, remove_journey
from app.journeys.service.touchpoints import add_touchpoint, move_touchpoint, put_touchpoint

__all__ = [
    "add_department",
    "add_journey",
    "add_touchpoint",
    "edit_journey",
    "move_journey",
    "move_touchpoint",
    "put_department",
    "put_touchpoint",
    "remove_journey",
]
