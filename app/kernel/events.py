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


_jobs: Mapping[type[Event], tuple[Job, ...]] = {}
_by_name: dict[str, Job] = {}


def wire(table: Mapping[type[Event], tuple[Job, ...]]) -> None:
    """Take the wiring table of app/handlers.py."""
    global _jobs
    _jobs = table
    _by_name.clear()
    _by_name.update({job.__name__: job for jobs in table.values() for job in jobs})


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
    tenants, nobodys = [], []
    for event, due_at in happened:
        for row in _rows(event, now, due_at):
            row["is_history"] = is_history
            if isinstance(event, DirectoryEvent):
                nobodys.append(row)
            else:
                tenants.append(row | {"tenant_id": scope.tenant_id()})
    for model, rows in ((OutboxRow, tenants), (DirectoryOutboxRow, nobodys)):
        if rows:
            db.session.execute(insert(model), rows)
            db.session.info["published"] = True


def _rows(event: Event, now: datetime, due_at: datetime) -> Iterator[dict[str, Any]]:
    event_id = new_id()
    for job in _jobs[type(event)]:
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
