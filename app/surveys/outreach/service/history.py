"""History in bulk: what happened long ago is stored and counted, and nobody is asked about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.customers.bulk import find_or_create_all
from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict
from app.kernel.ids import new_id
from app.surveys.outreach.intake_rules import NewInteraction, ReadInteraction, read_interaction
from app.surveys.outreach.models import Interaction, OutreachDecision
from app.surveys.outreach.service.interactions import Surroundings, check_places, look_around, same_again


def record_history(new: Sequence[NewInteraction], source: str = "import") -> int:
    """Store a batch of historic interactions in one transaction; returns how many were new.

    The same again changes nothing. All or none: raises Invalid for the first bad one, Conflict for an id that is known
    with other content, Unavailable when somebody else is storing the same ones.
    """
    reads = [read_interaction(one, clock.now()) for one in new]
    with atomic():
        around = look_around(reads)
        fresh = [read for read in reads if not _is_known(read, around)]
        if fresh:
            _insert(fresh, around, source)
        return len(fresh)


def _is_known(read: ReadInteraction, around: Surroundings) -> bool:
    known = around.known.get(read.id)
    return known is not None and not same_again(known, read)[1]


def _insert(reads: Sequence[ReadInteraction], around: Surroundings, source: str) -> None:
    places = [check_places(read, around) for read in reads]
    customers = find_or_create_all([read.customer for read in reads], source)
    rows = [
        _row(read, touchpoint.id, customer_id, partner_id)
        for read, (touchpoint, partner_id), customer_id in zip(reads, places, customers, strict=True)
    ]
    added = db.session.execute(insert(Interaction).on_conflict_do_nothing().returning(Interaction.id), rows)
    if len(added.all()) < len(rows):
        raise Conflict("Somebody else is storing the same interactions.")
    decisions = [
        _skipped(row["id"], listener)
        for row, (touchpoint, _partner_id) in zip(rows, places, strict=True)
        for listener in around.listeners.get(touchpoint.id, ())
    ]
    if decisions:
        db.session.execute(insert(OutreachDecision), decisions)


def _row(read: ReadInteraction, touchpoint_id: UUID, customer_id: UUID, partner_id: UUID | None) -> dict[str, Any]:
    return {
        "tenant_id": scope.tenant_id(),
        "id": new_id(),
        "external_id": read.id,
        "content_hash": read.content_hash(),
        "touchpoint_id": touchpoint_id,
        "customer_id": customer_id,
        "partner_id": partner_id,
        "occurred_at": read.occurred_at,
        "received_at": clock.now(),
        "employee_key": read.employee_id,
        "employee_name": read.employee_name,
        "measures": read.measures,
        "attributes": read.attributes,
        "is_historic": True,
    }


def _skipped(interaction_id: UUID, listener: Any) -> dict[str, Any]:
    return {
        "tenant_id": scope.tenant_id(),
        "id": new_id(),
        "interaction_id": interaction_id,
        "rule_id": listener.rule.id,
        "decision": "skipped",
        "reason": "historic",
        "sample_percent": listener.rule.sample_percent,
        "decided_at": clock.now(),
    }
