"""What a test reads of a case: as it stands now, its timeline, its alarms, and what is watched."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.kernel.db import db
from app.kernel.outbox_model import OutboxRow
from app.loop.cases.models import Case, CaseAlarm, CaseEvent
from app.loop.cases.queries.listing import load_case


def now(number: int) -> Case:
    """The case as it stands in the database."""
    return load_case(number)


def story(case: Case) -> list[tuple[str, str]]:
    """(kind, who) of each line of the timeline, oldest first."""
    query = select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.at, CaseEvent.id)
    return [(event.kind, event.actor_kind) for event in db.session.scalars(query)]


def kinds(case: Case) -> list[str]:
    """The kinds of the lines of the timeline, oldest first."""
    return [kind for kind, _who in story(case)]


def last_data(case: Case, kind: str) -> dict[str, Any]:
    """What stands in the newest line of this kind."""
    query = select(CaseEvent.data).where(CaseEvent.case_id == case.id, CaseEvent.kind == kind)
    return list(db.session.scalars(query.order_by(CaseEvent.at)))[-1]


def alarms(case: Case) -> list[tuple[str, bool]]:
    """(kind, whether it is settled) of the alarms of a case, oldest first."""
    query = select(CaseAlarm).where(CaseAlarm.case_id == case.id).order_by(CaseAlarm.at, CaseAlarm.id)
    return [(alarm.kind, alarm.settled_at is not None) for alarm in db.session.scalars(query)]


def watches(job: str) -> list[OutboxRow]:
    """The open outbox rows of one job."""
    query = select(OutboxRow).where(OutboxRow.job == job, OutboxRow.done_at.is_(None)).order_by(OutboxRow.due_at)
    return list(db.session.scalars(query))
