"""The drain: finds due outbox rows place by place, claims them with a lease and a fence, and runs their jobs.

A place is a tenant, or None for the jobs of no tenant, which run in a directory scope.

PostgreSQL is the only truth here: a worker that dies leaves a lease that runs out, and somebody else takes the row.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import Select, delete, func, select, text, tuple_, update
from structlog.contextvars import bound_contextvars

from app.kernel import clock, events
from app.kernel.db import atomic, db
from app.kernel.outbox_model import DirectoryOutboxRow, OutboxRow
from app.kernel.scope import SYSTEM, acting, directory_scope, find_tenant_id, tenant_scope

BATCH = 20
LEASE = timedelta(seconds=60)
_START_WITHIN_SECONDS = 30.0  # no effect starts later than this after its claim: the lease must outlive it
_BACKOFF_SECONDS = 5
_BACKOFF_MOST_SECONDS = 1800
MOST_ATTEMPTS = 30  # with the back-off above about ten hours, then the row is dead and shown
_KEEP_DONE = timedelta(days=7)
_EVER = datetime.min.replace(tzinfo=UTC)

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
        for place in due_places():
            if _leaving.is_set() or time.monotonic() >= end:
                break  # a row that is claimed and not run would wait for its lease to end
            try:
                ran_this_round += drain_place(place, end)
            except Exception:
                log.exception("draining %s failed", _name(place))
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


def due_places() -> list[UUID | None]:
    """As `due_tenants`, after None where a job of no tenant is due: somebody waits for a letter."""
    with directory_scope():
        is_due = db.session.scalar(select(_due_rows(None, clock.now()).exists()))
    return [*([None] if is_due else []), *due_tenants()]


def lag_seconds() -> float:
    """How long the oldest due and unclaimed row of any place has waited; 0.0 when nothing is due."""
    now = clock.now()
    with directory_scope():
        oldest = [
            db.session.scalar(text("SELECT oldest_due(:now)"), {"now": now}),
            db.session.scalar(_due_rows(None, now).with_only_columns(func.min(DirectoryOutboxRow.due_at))),
        ]
    return max((max(0.0, (now - since).total_seconds()) for since in oldest if since), default=0.0)


def given_up(since: datetime = _EVER) -> dict[UUID | None, int]:
    """How many jobs of each place were given up since then and stand as dead; places without any are left out."""
    dead = select(func.count()).select_from(DirectoryOutboxRow).where(DirectoryOutboxRow.dead_at >= since)
    with directory_scope():
        nobodys = db.session.scalar(dead) or 0
        rows = db.session.execute(text("SELECT tenant, jobs FROM given_up(:since)"), {"since": since}).all()
    return ({None: nobodys} if nobodys else {}) | {row.tenant: row.jobs for row in rows}


def drain_place(place: UUID | None, end: float) -> int:
    """Run one batch of a place, or as much of it as fits before `end` (monotonic seconds); returns how many ran."""
    claimed_at = time.monotonic()
    with _scope_of(place):
        rows = _claim(place)
    for ran, row in enumerate(rows):
        now = time.monotonic()
        if now > claimed_at + _START_WITHIN_SECONDS or now > end + 5:
            with _scope_of(place):
                _give_back(place, rows[ran:])
            return ran
        _run(place, row)
    return len(rows)


def _scope_of(place: UUID | None) -> AbstractContextManager[object]:
    return directory_scope() if place is None else tenant_scope(place)


def _table_of(place: UUID | None) -> type[OutboxRow] | type[DirectoryOutboxRow]:
    return DirectoryOutboxRow if place is None else OutboxRow


def _name(place: UUID | None) -> str:
    return "no tenant" if place is None else f"tenant {place}"


def _due_rows(place: UUID | None, now: datetime) -> Select[UUID]:
    """The ids of the rows that nobody is at and whose time has come."""
    table = _table_of(place)
    free = table.claimed_until.is_(None) | (table.claimed_until < now)
    return select(table.id).where(table.done_at.is_(None), table.dead_at.is_(None), free, table.due_at <= now)


def _claim(place: UUID | None) -> list[Any]:
    """Claim a batch: only one drain gets a row, and only until its lease ends."""
    now, table = clock.now(), _table_of(place)
    with atomic() as session:
        due = _due_rows(place, now).order_by(table.is_history, table.due_at).limit(BATCH)
        ids = list(session.scalars(due.with_for_update(skip_locked=True)))
        if not ids:
            _forget_done(place, now)
            return []
        claim = (
            update(table)
            .where(table.id.in_(ids))
            .values(claimed_until=now + LEASE, attempts=table.attempts + 1)
            .returning(table.id, table.job, table.payload, table.attempts, table.is_history, table.due_at)
            .execution_options(synchronize_session=False)
        )
        return sorted(session.execute(claim).all(), key=lambda row: (row.is_history, row.due_at))


def _give_back(place: UUID | None, rows: list[Any]) -> None:
    """Free what was claimed and not begun for whoever comes next; what somebody has claimed since is theirs.

    The claim was no try: behind jobs that take long a row would be given up after few real ones.
    """
    table = _table_of(place)
    mine = tuple_(table.id, table.attempts).in_([(row.id, row.attempts) for row in rows])
    with atomic() as session:
        session.execute(update(table).where(mine).values(claimed_until=None, attempts=table.attempts - 1))


def _forget_done(place: UUID | None, now: datetime) -> None:
    table = _table_of(place)
    old = delete(table).where(table.done_at < now - _KEEP_DONE)
    db.session.execute(old.execution_options(synchronize_session=False))


def _run(place: UUID | None, row: Any) -> None:
    """Run one claimed job and record how it ended; whatever it raises stays inside this row."""
    error: str | None = None
    # The line about a failure is written after the job's scope has ended.
    with current_app.app_context(), bound_contextvars(**({} if place is None else {"tenant": str(place)})):
        try:
            job = events.job_named(row.job)
            with _scope_of(place), acting(SYSTEM):
                job(*(() if place is None else (place,)), **row.payload)
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"[:1000]
            log.exception("job %s of %s failed (attempt %s)", row.job, _name(place), row.attempts)
        with _scope_of(place):
            _record_outcome(_table_of(place), row, error)


def _record_outcome(table: type[OutboxRow] | type[DirectoryOutboxRow], row: Any, error: str | None) -> None:
    fence = (table.id == row.id) & (table.attempts == row.attempts) & table.done_at.is_(None)
    with atomic() as session:
        end = update(table).where(fence).values(**_outcome(error, row.attempts))
        session.execute(end.execution_options(synchronize_session=False))


def _outcome(error: str | None, attempts: int) -> dict[str, Any]:
    now = clock.now()
    if error is None:
        return {"done_at": now, "claimed_until": None, "last_error": None}
    if attempts >= MOST_ATTEMPTS:
        return {"dead_at": now, "claimed_until": None, "last_error": error}
    wait = min(_BACKOFF_SECONDS * 2 ** min(attempts - 1, 12), _BACKOFF_MOST_SECONDS) * random.uniform(0.5, 1.5)
    return {"due_at": now + timedelta(seconds=wait), "claimed_until": None, "last_error": error}


def list_troubles() -> list[tuple[str, str, str]]:
    """(place, job, last error) of all that has failed and is not done, wherever something was given up."""
    found: list[tuple[str, str, str]] = []
    for place in given_up():
        with _scope_of(place):
            found += [(_name(place), job, error) for job, error in list_failed()]
    return found


def list_failed() -> list[tuple[str, str]]:
    """(job, last error) of the open or dead rows, of the place whose scope it is, that have failed at least once."""
    table = _table_of(find_tenant_id())
    query = select(table.job, table.last_error).where(table.last_error.is_not(None), table.done_at.is_(None))
    return [(row[0], str(row[1])) for row in db.session.execute(query)]
