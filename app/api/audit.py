"""The audit: every change that a person or a key made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.api.base import blueprint, listing, moment
from app.api.schemas.audit import AuditList, AuditQuery
from app.kernel.errors import Fault, Invalid
from app.tenants.access import api_scope, tenant
from app.tenants.models import AuditEvent
from app.tenants.trail import queries
from app.tenants.trail.models import AuditSeal
from app.tenants.trail.queries import Wanted
from app.tenants.trail.rules import is_sought

bp = blueprint("audit", "Audit")


@bp.get("/audit", responses={200: AuditList})
@api_scope("admin")
def list_audit(query: AuditQuery) -> dict[str, Any]:
    """What was changed, newest first. No row is ever changed; one goes when the audit has been kept long enough."""
    page = queries.page_of_trail(_wanted(query), query.cursor, query.limit)
    seals = queries.seals_of([event.id for event in page.rows])
    return listing(page, lambda event: _out(event, seals))


def _wanted(query: AuditQuery) -> Wanted:
    if query.actor and query.actor_kind:
        raise Invalid("Name the actor or the kind of actor.", [Fault("/actor_kind", "not beside actor")])
    for name, day in (("from", query.first), ("to", query.last)):
        if day and not is_sought(day):
            raise Invalid("There is nothing to look for on this day.", [Fault(f"/{name}", "not a day to look for")])
    return Wanted(
        words=queries.sought(query.q or ""),
        actor=query.actor or query.actor_kind,
        action=query.action,
        subject_type=query.subject_type,
        subject_id=query.subject_id,
        first=query.first,
        last=query.last,
        zone=ZoneInfo(tenant().timezone),
    )


def _out(event: AuditEvent, seals: Mapping[UUID, AuditSeal]) -> dict[str, Any]:
    seal = seals.get(event.id)
    plain = queries.plain(event)
    del plain["tenant_id"]
    sealed = {name: getattr(seal, name) for name in ("seq", "row_hash", "chain_hash")} if seal else None
    return {
        **plain,
        "id": str(event.id),
        "actor_id": str(event.actor_id) if event.actor_id else None,
        "at": moment(event.at),
        "seal": {**sealed, "sealed_at": moment(seal.sealed_at)} if seal and sealed else None,
    }
