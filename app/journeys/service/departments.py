"""Putting and adding departments."""

from __future__ import annotations

from typing import Any

from app.journeys import queries
from app.journeys.models import Department
from app.journeys.rules import LAYERS
from app.journeys.service.shared import add_row
from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.errors import Fault, Invalid
from app.kernel.inserts import find_or_insert
from app.kernel.naming import checked_key, checked_name
from app.tenants import audit


def put_department(key: str, name: str, layer: str) -> tuple[Department, bool]:
    """Make the department `key`, or give it this name and layer; returns (department, whether it is new).

    Raises Invalid for a bad key, name or layer.
    """
    key, facts = checked_key(key), {"name": checked_name(name), "layer": _checked_layer(layer)}
    with atomic():
        department, is_new = find_or_insert(
            Department,
            lambda: queries.find_department_by_key(key, lock=True),
            lambda: {"key": key, **facts, "created_at": clock.now()},
        )
        if is_new:
            audit.record("department.added", "department", department.id, after={"key": key, **facts})
        else:
            _change(department, "department", facts)
        return department, is_new


def add_department(name: str, layer: str, key: str = "") -> Department:
    """Make a new department; without `key` it gets one made from its name.

    Raises Invalid for a bad key, name or layer and Conflict for a key that is taken.
    """
    facts = {"layer": _checked_layer(layer), "created_at": clock.now()}
    with atomic():
        department = add_row(Department, "department", checked_name(name), key, facts)
        after = {"key": department.key, "name": department.name, "layer": layer}
        audit.record("department.added", "department", department.id, after=after)
        return department


def _checked_layer(layer: str) -> str:
    if layer not in LAYERS:
        raise Invalid("The layer is not known.", [Fault("/layer", f"One of {', '.join(LAYERS)}.")])
    return layer


def _change(row: Any, kind: str, facts: dict[str, Any]) -> None:
    changed = {name: value for name, value in facts.items() if getattr(row, name) != value}
    if not changed:
        return
    before = {name: getattr(row, name) for name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    audit.record(f"{kind}.changed", kind, row.id, before=before, after=changed)
