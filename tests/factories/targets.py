"""Targets of partners for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.partners.rules import Target

MONTH = "2026-01"


def a_target(measure: str = "csat", **values: Any) -> Target:
    """What could be agreed: 80 % satisfied, 60 % at least, from January 2026 on."""
    facts: dict[str, Any] = {"weight": 1.0, "target": 80.0, "floor": 60.0, "first_month": MONTH}
    said = {"method": "Last year, and what two more vans bring.", "agreed_by": "Mei Lin", "agreed_on": date(2026, 1, 5)}
    return Target(measure=measure, **{**facts, **said, **values})


def as_json(target: Target, **values: Any) -> dict[str, Any]:
    """A target as the API takes it."""
    return {**vars(target), "agreed_on": target.agreed_on.isoformat(), **values}
