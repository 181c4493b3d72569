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
from app.tenants import audit
from app.tenants import queries as tenants
from app.tenants.events import TenantLetterWanted

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
            next_at = next_night(clock.now(), ZoneInfo(tenants.timezone()))
            if insert_if_new(Retention, **chosen, next_at=next_at, done={}) is None:
                row = find_retention(lock=True)
            else:
                publish(RetentionDue(next_at.isoformat()), due_at=next_at)
        if row is not None:
            for name, value in chosen.items():
                setattr(row, name, value)
        if is_held or terms.audit is None:
            _let_audit_go(before=None)
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
        terms, now = Terms(None, None, None, None) if row.is_held else row.terms, clock.now()
        letting_go.ensure_nobody()
        _let_audit_go(before=terms.cutoff("audit", now))
    end = time.monotonic() + _AT_ONE_GO_SECONDS
    for step in letting_go.STEPS:
        cutoff = terms.cutoff(step.term, now)
        while cutoff is not None and _let_go_some(step, cutoff, planned):
            if has_to_stop() or time.monotonic() >= end:
                with atomic():
                    publish(RetentionDue(planned.isoformat()))
                return False
    _end_run(planned)
    return True


def _let_audit_go(*, before: datetime | None) -> None:
    """Have row security let rows of the audit go that are older, and no others; None: none."""
    tenants.get_tenant_locked(scope.tenant_id()).audit_kept_since = before


def _let_go_some(step: Step, cutoff: datetime, planned: datetime) -> bool:
    """One batch of one kind, unless there is none, a hold has begun, or another run has ended this one."""
    with atomic() as session:
        row = find_retention(lock=True)
        if row is None or row.is_held or row.next_at != planned:
            return False
        ids = session.scalars(step.due(cutoff).limit(_BATCH)).all()
        if not ids:
            return False
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
        row.done, row.next_at = {}, next_night(clock.now(), ZoneInfo(tenants.timezone()))
        publish(RetentionDue(row.next_at.isoformat()), due_at=row.next_at)
