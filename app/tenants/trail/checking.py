"""Proving that the audit is what was sealed: every seal follows from the one before, and every row is as it was.

Reads only. What is kept elsewhere of an earlier run is proven to be still in the chain.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import DateTime, func, select

from app.kernel import clock, scope
from app.kernel.db import db
from app.kernel.outbox_model import OutboxRow
from app.tenants.models import AuditEvent, TenantCounter
from app.tenants.trail import queries, rules
from app.tenants.trail.rules import Fault, Head
from app.tenants.trail.service import COUNTER

SEALING = "seal_audit"
"""The job by which a row that has no seal yet will get it."""
MOST_FAULTS = 100
"""More are not named: whoever finds a hundred looks at the whole."""
_PAGE = 2000


@dataclass
class Report:
    """What was found in one tenant: how many seals, how many of their rows were let go of because they had been kept
    long enough, how many rows still wait for a seal, the last seal, and what is wrong."""

    seals: int = 0
    let_go: int = 0
    waiting: int = 0
    head: Head | None = None
    faults: list[Fault] = field(default_factory=list)


def verify_audit(earlier: Head | None = None) -> Report:
    """Check every seal and row of the scope's tenant, and that `earlier` is still in its chain."""
    report, counted = Report(), _counted()
    last: Head | None = None
    while found := queries.list_seals(last.seq if last else 0, _PAGE):
        # Asked after the rows: what goes while this runs has said so by then.
        let_go = queries.find_let_go() if any(row is None for _seal, row in found) else None
        for seal, row in found:
            report.faults += rules.faults_of(scope.tenant_id(), seal, row, last, let_go)
            report.faults += rules.faults_of_time(seal, last, clock.actual())
            last = Head(seal["seq"], seal["chain_hash"], seal["sealed_at"].isoformat())
        report.seals += len(found)
        report.let_go += sum(row is None and let_go is not None and let_go.holds(seal) for seal, row in found)
    report.head = last
    if (last.seq if last else 0) < counted:
        report.faults.append(Fault("tail_cut", last.seq if last else 0))
    report.faults += _against(earlier)
    _look_for_unsealed(report)
    del report.faults[MOST_FAULTS:]
    return report


def _counted() -> int:
    """How many seals the sealer has counted. Asked first: what is sealed while this runs only adds to the chain."""
    return db.session.scalar(select(TenantCounter.value).where(TenantCounter.name == COUNTER)) or 0


def _against(earlier: Head | None) -> list[Fault]:
    if earlier is None:
        return []
    seal = queries.find_seal(earlier.seq)
    if seal is None:
        return [Fault("head_missing", earlier.seq)]
    return [] if seal.chain_hash == earlier.hash else [Fault("head_differs", earlier.seq)]


def _look_for_unsealed(report: Report) -> None:
    """A row without a seal waits for a job that was asked for with it, or somebody else has put it there."""
    since = OutboxRow.payload["since"].astext.cast(DateTime(timezone=True)) - rules.LATE_BY
    comes = (OutboxRow.job == SEALING) & OutboxRow.done_at.is_(None) & OutboxRow.dead_at.is_(None)
    job = select(OutboxRow.id).where(OutboxRow.tenant_id == AuditEvent.tenant_id, comes, since <= AuditEvent.at)
    waits = job.exists()
    unsealed = select(AuditEvent).where(queries.is_unsealed())
    strays = db.session.scalars(unsealed.where(~waits).order_by(AuditEvent.at).limit(MOST_FAULTS))
    report.faults += [Fault("row_without_seal", None, str(event.id)) for event in strays]
    report.waiting = (
        db.session.scalar(unsealed.where(waits).with_only_columns(func.count(), maintain_column_froms=True)) or 0
    )
