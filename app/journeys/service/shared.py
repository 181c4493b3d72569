"""What the verbs of this room share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel.errors import Conflict, Fault
from app.kernel.inserts import insert_if_new, insert_named
from app.kernel.naming import checked_key
from app.tenants import audit


def add_row(model: Any, kind: str, name: str, key: str, facts: dict[str, Any]) -> Any:
    """A new row under `key`, or under one made from its name. Raises Conflict for a key that is taken."""
    if not key:
        return insert_named(model, name, kind, **facts)
    made = insert_if_new(model, key=checked_key(key), name=name, **facts)
    if made is None:
        raise Conflict(f"Another {kind} has this key.", [Fault("/key", "taken")])
    return made


def record_order(kind: str, row_id: UUID, before: list[str], after: list[str]) -> None:
    """Note in the audit that somebody put things into another order."""
    audit.record(f"{kind}.ordered", kind, row_id, before={"order": before}, after={"order": after})
