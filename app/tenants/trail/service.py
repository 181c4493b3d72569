"""What is done with audit rows: they are sealed after the commit, one sealer at a time, and taken out as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.kernel.pagination import next_cursor
from app.tenants import audit
from app.tenants.models import AuditEvent, TenantCounter
from app.tenants.trail import queries, rules
from app.tenants.trail.models import AuditSeal, AuditWord
from app.tenants.trail.queries import Wanted

COUNTER = "audit_seals"
_BATCH = 500


def seal_audit(since: datetime) -> int:
    """Seal the rows that were written from `since` on and have no seal yet, oldest first; returns how many.

    A transaction that commits late asks for its own seals, so that each row is sealed, in the order of sealing.
    """
    sealed, begins = 0, since - rules.LATE_BY
    while found := _seal_batch(begins):
        sealed, begins = sealed + len(found), found[-1].at
        if len(found) < _BATCH:
            break
    return sealed


def _seal_batch(since: datetime) -> Sequence[AuditEvent]:
    with atomic() as session:
        counter = _lock()
        query = select(AuditEvent).where(AuditEvent.at >= since, queries.is_unsealed())
        rows = session.scalars(query.order_by(AuditEvent.at, AuditEvent.id).limit(_BATCH)).all()
        if not rows:
            return ()
        head = queries.find_head()
        links = _links(rows, head)
        session.execute(insert(AuditSeal), links)
        if words := [word for row in rows for word in _words(row)]:
            session.execute(insert(AuditWord), words)
        counter.value = links[-1]["seq"]
        return rows


def _lock() -> TenantCounter:
    """Let one sealer at a time into the tenant; it counts the seals, so that a tail that was cut off is missed."""
    row = {"tenant_id": scope.tenant_id(), "id": new_id(), "name": COUNTER, "value": 0}
    db.session.execute(insert(TenantCounter).values(row).on_conflict_do_nothing())
    query = select(TenantCounter).where(TenantCounter.name == COUNTER).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _links(rows: Any, head: AuditSeal | None) -> list[dict[str, Any]]:
    seq, chain = (head.seq, head.chain_hash) if head else (0, rules.BEFORE_THE_FIRST)
    # Where the clock was put right, time stands until it is as late as it was thought to be.
    now = max(clock.actual(), head.sealed_at) if head else clock.actual()
    tenant_id, links = scope.tenant_id(), []
    for row in rows:
        seq, own = seq + 1, rules.row_hash(queries.plain(row))
        chain = rules.chain_hash(tenant_id, seq, chain, own, now)
        link = {"seq": seq, "event_id": row.id, "row_hash": own, "chain_hash": chain, "sealed_at": now}
        links.append({"tenant_id": tenant_id, "id": new_id(), **link})
    return links


def _words(row: AuditEvent) -> list[dict[str, Any]]:
    found = rules.words_of_row(queries.plain(row))
    return [{"tenant_id": row.tenant_id, "id": new_id(), "word": word, "event_id": row.id} for word in found]


def record_export(wanted: Wanted, form: str) -> str:
    """Note that somebody takes the wanted rows out, in this form; returns the cursor at which they begin: what is
    written from now on is not among them."""
    at, here = clock.now(), new_id()
    told = {name: value for name, value in asdict(wanted).items() if value and name != "zone"}
    plain = {name: " ".join(value) if name == "words" else str(value) for name, value in told.items()}
    with atomic():
        rows = queries.count_before(wanted, at, here)
        audit.record("audit.exported", "audit", form, after={"form": form, "rows": rows, **plain})
    return next_cursor([at, here])
