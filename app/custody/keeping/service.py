"""What is done about keeping: `choose` how long, and the run of each night, which lets go batch by batch."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.custody.keeping import letting_go
from app.custody.keeping.events import RetentionDue
from app.custody.keeping.letting_go import Step
from app.custody.keeping.models import Retention
from app.custody.keeping.rules import CLASSES, Terms, is_allowed, lets_more_go, next_night
from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.errors import Fault, Invalid
from app.kernel.events import publish, publish_all
from app.kernel.inserts import insert_if_new
from app.kernel.outbox_model import OutboxRow
from app.tenants import audit
from app.tenants import queries as tenants
from app.tenants.events import TenantLetterWanted

_JOB = "apply_retention"
_BATCH = 500
_AT_ONE_GO_SECONDS = 40.0
"""A job that runs longer is begun by another worker as well."""


def find_retention(*, lock: bool = False) -> Retention | None:
    """What the tenant has chosen; None when nobody has."""
    query = select(Retention)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def choose(terms: Terms, *, is_held: bool) -> None:
    """Keep each class so long from tonight on; the other admins are told when more may go than before.

    Raises Invalid for what is too short or too long.
    """
    wrong = [kind for kind in CLASSES if not is_allowed(kind, getattr(terms, kind))]
    if wrong:
        raise Invalid("A term is out of its range.", [Fault(f"/{kind}", "out of range") for kind in wrong])
    chosen = {f"{kind}_months": getattr(terms, kind) for kind in CLASSES} | {"is_held": is_held}
    with atomic():
        row = find_retention(lock=True)
        before = None if row is None else {name: getattr(row, name) for name in chosen}
        known = None if row is None else (row.terms, row.is_held)
        if row is None:
            insert_if_new(Retention, **chosen, next_at=clock.now(), done={})
            row = find_retention(lock=True)
            assert row is not None
        for name, value in chosen.items():
            setattr(row, name, value)
        if not _is_planned(row):
            _plan(row)
        _let_audit_go(before=None)  # until the next batch that this allows
        audit.record("retention.changed", "tenant", scope.tenant_id(), before=before, after=chosen)
        if lets_more_go(known, (terms, is_held)):
            _tell_other_admins()


def _tell_other_admins() -> None:
    own = scope.actor().id
    admins = [user for _row, user in tenants.list_members(roles=("admin",)) if user.id != own]
    publish_all([TenantLetterWanted("retention_changed", user.id) for user in admins])


def apply_retention(planned: datetime, has_to_stop: Callable[[], bool] = lambda: False) -> bool:
    """The run that was planned for this moment: let go of what is older than wanted; returns whether it ended.

    Broken off or killed, it goes on where it was; it says in the audit what it did, and plans the next.
    """
    with atomic():
        row = find_retention()
        if row is None or row.next_at != planned:
            return True
        letting_go.ensure_nobody()
    now, end = clock.now(), time.monotonic() + _AT_ONE_GO_SECONDS
    for step in letting_go.STEPS:
        while _let_go_some(step, now, planned):
            if has_to_stop() or time.monotonic() >= end:
                with atomic():
                    publish(RetentionDue(planned.isoformat()))
                return False
    _end_run(planned)
    return True


def _let_audit_go(*, before: datetime | None) -> None:
    """Have row security let rows of the audit go that are older, and no others; None: none."""
    tenants.get_tenant_locked(scope.tenant_id()).audit_kept_since = before


def _let_go_some(step: Step, now: datetime, planned: datetime) -> bool:
    """One batch of one kind by what is chosen at this moment, unless there is none, or another run has ended this one.

    The lock keeps whoever chooses something else waiting until what goes has gone.
    """
    with atomic() as session:
        row = find_retention(lock=True)
        cutoff = row.cutoff(step.term, now) if row is not None and row.next_at == planned else None
        if row is None or cutoff is None:
            return False
        due = step.due(cutoff, {}).limit(_BATCH)
        # What somebody is at waits for another night.
        ids = session.scalars(due.with_for_update(skip_locked=True) if step.can_change else due).all()
        if not ids:
            return False
        if step.term == "audit":
            _let_audit_go(before=cutoff)
        step.let_go(ids)
        row.done = {**row.done, step.name: row.done.get(step.name, 0) + len(ids)}
        return True


def _end_run(planned: datetime) -> None:
    with atomic():
        row = find_retention(lock=True)
        if row is None or row.next_at != planned:
            return
        told: dict[str, Any] = dict(row.done)
        if told:
            audit.record("retention.applied", "tenant", scope.tenant_id(), after=told)
        row.done = {}
        _plan(row)


def _plan(row: Retention) -> None:
    row.next_at = next_night(clock.now(), ZoneInfo(tenants.timezone()))
    publish(RetentionDue(row.next_at.isoformat()), due_at=row.next_at)


def _is_planned(row: Retention) -> bool:
    """Whether a job comes for the planned night, or is at it; one that failed too often does not come again."""
    comes = (OutboxRow.job == _JOB) & OutboxRow.done_at.is_(None) & OutboxRow.dead_at.is_(None)
    nights = db.session.scalars(select(OutboxRow.payload["at"].astext).where(comes))
    return any(datetime.fromisoformat(at) == row.next_at for at in nights)
