"""The drain: finds due outbox rows tenant by tenant, claims them with a lease and a fence, and runs their jobs.

PostgreSQL is the only truth here: a worker that dies leaves a lease that runs out, and somebody else takes the row.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, select, text, tuple_, update
from structlog.contextvars import bound_contextvars

from app.kernel import clock, events
from app.kernel.db import atomic, db
from app.kernel.outbox_model import OutboxRow
from app.kernel.scope import SYSTEM, acting, directory_scope, tenant_scope

BATCH = 20
LEASE = timedelta(seconds=60)
_START_WITHIN_SECONDS = 30.0  # no effect starts later than this after its claim: the lease must outlive it
_BACKOFF_SECONDS = 5
_BACKOFF_MOST_SECONDS = 1800
MOST_ATTEMPTS = 30  # with the back-off above about ten hours, then the row is dead and shown
_KEEP_DONE = timedelta(days=7)

log = logging.getLogger(__name__)
_leaving = threading.Event()


def drain_job() -> None:
    """What the queue's wake-up runs."""
    drain()


def drain(budget_seconds: float = 20.0) -> int:
    """Run due jobs for about `budget_seconds`; returns how many ran. One failing tenant never stops the rest."""
    end, ran = time.monotonic() + budget_seconds, 0
    while time.monotonic() < end and not _leaving.is_set():
        ran_this_round = 0
        for tenant_id in due_tenants():
            if _leaving.is_set() or time.monotonic() >= end:
                break  # a row that is claimed and not run would wait for its lease to end
            try:
                ran_this_round += _drain_tenant(tenant_id, end)
            except Exception:
                log.exception("draining tenant %s failed", tenant_id)
        ran += ran_this_round
        if not ran_this_round:
            return ran
    return ran


def leave() -> None:
    """End a running drain with the batch at hand, for a process that was asked to stop; what is claimed still runs."""
    _leaving.set()


def is_leaving() -> bool:
    """Whether this process was asked to stop: a job of many seconds had better break off and be done by another."""
    return _leaving.is_set()


def due_tenants() -> list[UUID]:
    """The tenants with something due, in random order so that no tenant always waits for the same other."""
    with directory_scope():
        found = list(db.session.scalars(text("SELECT due_tenants(:now)"), {"now": clock.now()}))
    random.shuffle(found)
    return found


def lag_seconds() -> float:
    """How long the oldest due and unclaimed row of any tenant has waited; 0.0 when nothing is due."""
    with directory_scope():
        oldest = db.session.scalar(text("SELECT oldest_due(:now)"), {"now": clock.now()})
    return max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0


def _drain_tenant(tenant_id: UUID, end: float) -> int:
    claimed_at = time.monotonic()
    with tenant_scope(tenant_id):
        rows = _claim()
    for ran, row in enumerate(rows):
        now = time.monotonic()
        if now > claimed_at + _START_WITHIN_SECONDS or now > end + 5:
            with tenant_scope(tenant_id):
                _give_back(rows[ran:])
            return ran
        _run(tenant_id, row)
    return len(rows)


def _claim() -> list[Any]:
    """Claim a batch: only one drain gets a row, and only until its lease ends."""
    now = clock.now()
    free = (OutboxRow.claimed_until.is_(None)) | (OutboxRow.claimed_until < now)
    open_ = OutboxRow.done_at.is_(None) & OutboxRow.dead_at.is_(None)
    with atomic() as session:
        due = (
            select(OutboxRow.id)
            .where(open_, free, OutboxRow.due_at <= now)
            .order_by(OutboxRow.is_history, OutboxRow.due_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        ids = list(session.scalars(due))
        if not ids:
            _forget_done(now)
            return []
        claim = (
            update(OutboxRow)
            .where(OutboxRow.id.in_(ids))
            .values(claimed_until=now + LEASE, attempts=OutboxRow.attempts + 1)
            .returning(
                OutboxRow.id,
                OutboxRow.job,
                OutboxRow.payload,
                OutboxRow.attempts,
                OutboxRow.is_history,
                OutboxRow.due_at,
            )
            .execution_options(synchronize_session=False)
        )
        return sorted(session.execute(claim).all(), key=lambda row: (row.is_history, row.due_at))


def _give_back(rows: list[Any]) -> None:
    """Free what was claimed and not begun for whoever comes next; what somebody has claimed since is theirs."""
    mine = tuple_(OutboxRow.id, OutboxRow.attempts).in_([(row.id, row.attempts) for row in rows])
    with atomic() as session:
        session.execute(update(OutboxRow).where(mine).values(claimed_until=None))


def _forget_done(now: datetime) -> None:
    db.session.execute(
        delete(OutboxRow).where(OutboxRow.done_at < now - _KEEP_DONE).execution_options(synchronize_session=False)
    )


def _run(tenant_id: UUID, row: Any) -> None:
    """Run one claimed job and record how it ended; whatever it raises stays inside this row."""
    error: str | None = None
    # The line about a failure is written after the job's scope has ended.
    with current_app.app_context(), bound_contextvars(tenant=str(tenant_id)):
        try:
            job = events.job_named(row.job)
            with tenant_scope(tenant_id), acting(SYSTEM):
                job(tenant_id, **row.payload)
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"[:1000]
            log.exception("job %s of tenant %s failed (attempt %s)", row.job, tenant_id, row.attempts)
        with tenant_scope(tenant_id), atomic() as session:
            fence = (OutboxRow.id == row.id) & (OutboxRow.attempts == row.attempts) & OutboxRow.done_at.is_(None)
            session.execute(
                update(OutboxRow)
                .where(fence)
                .values(**_outcome(error, row.attempts))
                .execution_options(synchronize_session=False)
            )


def _outcome(error: str | None, attempts: int) -> dict[str, Any]:
    now = clock.now()
    if error is None:
        return {"done_at": now, "claimed_until": None, "last_error": None}
    if attempts >= MOST_ATTEMPTS:
        return {"dead_at": now, "claimed_until": None, "last_error": error}
    wait = min(_BACKOFF_SECONDS * 2 ** min(attempts - 1, 12), _BACKOFF_MOST_SECONDS) * random.uniform(0.5, 1.5)
    return {"due_at": now + timedelta(seconds=wait), "claimed_until": None, "last_error": error}


def list_failed() -> list[tuple[str, str]]:
    """(job, last error) of the tenant's open or dead rows that have failed at least once."""
    query = select(OutboxRow.job, OutboxRow.last_error).where(
        OutboxRow.last_error.is_not(None), OutboxRow.done_at.is_(None)
    )
    return [(row[0], str(row[1])) for row in db.session.execute(query)]
