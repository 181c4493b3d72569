"""The audit: one row for every change that a person or a key makes, written in the transaction of the change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.kernel import clock, scope
from app.kernel.db import db
from app.tenants.models import AuditEvent


def record(
    action: str,
    subject_type: str,
    subject_id: UUID | str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note who did what to what; `before` and `after` are plain JSON of what changed. Call inside `atomic()`."""
    who = scope.actor()
    db.session.add(
        AuditEvent(
            at=clock.now(),
            actor_kind=who.kind,
            actor_id=who.id,
            actor_label=who.label,
            address=who.address,
            action=action,
            subject_type=subject_type,
            subject_id=str(subject_id),
            before=before,
            after=after,
        )
    )
