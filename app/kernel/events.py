"""Events: what happened, as frozen dataclasses of plain values, and `publish`, which turns one into outbox rows.

Which jobs an event has stands in app/handlers.py and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.kernel import clock, scope
from app.kernel.db import db
from app.kernel.ids import new_id
from app.kernel.outbox_model import DirectoryOutboxRow, OutboxRow

Job = Callable[..., None]
"""A job takes the tenant's id first and then the event's fields as keywords; it must be idempotent."""


@dataclass(frozen=True)
class Event:
    """What happened. Subclasses are past tense and carry ids and plain values only (str, int, bool, UUID)."""


@dataclass(frozen=True)
class DirectoryEvent(Event):
    """What happened to a person and in no tenant; its jobs take the event's fields alone and run in a directory
    scope."""


Table = Mapping[type[Event], tuple[Job, ...]]

_jobs: Table = {}
_notices: Table = {}
_by_name: dict[str, Job] = {}


def _nobody() -> bool:
    return False


_has_listeners: Callable[[], bool] = _nobody


def wire(jobs: Table, notices: Table | None = None, has_listeners: Callable[[], bool] = _nobody) -> None:
    """Take the wiring tables of app/handlers.py.

    `notices` are the jobs that tell other systems: they run for nothing that is history, and only where somebody
    listens, so that a tenant without listeners does not pay for them with every response.
    """
    global _jobs, _notices, _has_listeners
    _jobs, _notices, _has_listeners = jobs, notices or {}, has_listeners
    _by_name.clear()
    tables = (_jobs, _notices)
    _by_name.update({job.__name__: job for table in tables for found in table.values() for job in found})


def job_named(name: str) -> Job:
    """The job that an outbox row names; KeyError when the table no longer has it."""
    return _by_name[name]


def publish(event: Event, *, due_at: datetime | None = None, is_history: bool = False) -> None:
    """Write one outbox row per job of this event, in the running transaction; `due_at` holds them back until then.

    With `is_history` they let the tenant's other work go first.
    Raises ScopeError for a tenant's event outside a tenant scope and KeyError for an event that handlers.py does not
    list.
    """
    publish_all([event], due_at=due_at, is_history=is_history)


def publish_all(happened: Sequence[Event], *, due_at: datetime | None = None, is_history: bool = False) -> None:
    """As `publish`, for many events in one statement."""
    due = due_at or clock.actual()
    publish_each([(event, due) for event in happened], is_history=is_history)


def publish_each(happened: Sequence[tuple[Event, datetime]], *, is_history: bool = False) -> None:
    """As `publish_all`, each event with the time until which its jobs are held back."""
    # A row that says it has waited since last spring would look like a worker that is away.
    now = clock.actual()
    kinds = {type(event) for event, _due_at in happened}
    tables = [_jobs, _notices] if _are_told(kinds, is_history=is_history) else [_jobs]
    tenants, nobodys = [], []
    for event, due_at in happened:
        for row in _rows(event, now, due_at, tables):
            row["is_history"] = is_history
            if isinstance(event, DirectoryEvent):
                nobodys.append(row)
            else:
                tenants.append(row | {"tenant_id": scope.tenant_id()})
    for model, rows in ((OutboxRow, tenants), (DirectoryOutboxRow, nobodys)):
        if rows:
            db.session.execute(insert(model), rows)
            db.session.info["published"] = True


def _are_told(kinds: set[type[Event]], *, is_history: bool) -> bool:
    """Whether other systems may have to be told of this; a partner cannot see who listens, so the job finds out."""
    if unknown := kinds - _jobs.keys() - _notices.keys():
        raise KeyError(unknown)
    return not is_history and bool(kinds & _notices.keys()) and (scope.partner_id() is not None or _has_listeners())


def _rows(event: Event, now: datetime, due_at: datetime, tables: Sequence[Table]) -> Iterator[dict[str, Any]]:
    event_id = new_id()
    for job in (job for table in tables for job in table.get(type(event), ())):
        yield {
            "id": new_id(),
            "event_id": event_id,
            "event": type(event).__name__,
            "job": job.__name__,
            "payload": {key: _plain(value) for key, value in asdict(event).items()},
            "created_at": now,
            "due_at": due_at,
            "attempts": 0,
        }


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"an event carries ids and plain values only, not {type(value).__name__}")
