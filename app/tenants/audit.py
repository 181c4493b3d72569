"""The audit: one row for every change that a person or a key makes, written in the transaction of the change.

Its seal comes after the commit (trail/service.py): a chain that each change had to join would let them pass one by one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.kernel import clock, scope
from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.tenants.events import AuditRecorded
from app.tenants.models import AuditEvent

_ASKED = "asked_for_seals"


def record(
    action: str,
    subject_type: str,
    subject_id: UUID | str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEvent:
    """Note who did what to what; `before` and `after` are plain JSON of what changed. Call inside `atomic()`."""
    who, now = scope.actor(), clock.now()
    _ask_for_seals(now)
    event = AuditEvent(
        id=new_id(),
        at=now,
        actor_kind=who.kind,
        actor_id=who.id,
        actor_label=who.label,
        address=who.address,
        browser=who.browser,
        action=action,
        subject_type=subject_type,
        subject_id=str(subject_id),
        before=before,
        after=after,
    )
    db.session.add(event)
    return event


def _ask_for_seals(now: datetime) -> None:
    """Once in a transaction; what was asked for inside a savepoint may have gone with it."""
    session = db.session()
    running = here = session.get_nested_transaction() or session.get_transaction()
    while running is not None and running is not session.info.get(_ASKED):
        running = running.parent
    if running is None:
        publish(AuditRecorded(now.isoformat()))
        session.info[_ASKED] = here or session.get_transaction()
