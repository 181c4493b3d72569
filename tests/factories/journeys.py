"""Departments and touchpoints for tests."""

from __future__ import annotations

import itertools
from typing import Any

from app.journeys import service
from app.journeys.models import Department, Touchpoint
from app.journeys.rules import TouchpointInput

_count = itertools.count(1)


def make_department(key: str = "", name: str = "Logistics", layer: str = "frontline") -> Department:
    """A department, under a key of its own when none is given."""
    return service.put_department(key or f"department-{next(_count)}", name, layer)[0]


def make_touchpoint(key: str = "", **fields: Any) -> Touchpoint:
    """A touchpoint of the journey `purchase`, stage `delivery`, that nobody answers for unless `fields` say so."""
    usual = {"name": "Delivery", "journey": "purchase", "stage": "delivery", "channel": "delivery"}
    return service.put_touchpoint(key or f"touchpoint-{next(_count)}", TouchpointInput(**{**usual, **fields}))[0]
