"""What is looked up about cases: one case and its facts here, the inbox and the case page beside it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.loop.cases.models import Case, CaseContact, CaseEvent, CaseResolution, CaseRootCause
from app.loop.cases.rules import Attempt, ClosureFacts
from app.loop.causes.rules import RootCause, has_verified_cause
from app.loop.sla import queries as sla
from app.loop.sla.rules import Calendar

HIGHEST_NUMBER = 2**31 - 1


def find_case_by_number(number: int, *, lock: bool = False) -> Case | None:
    """The tenant's case with this number; read anew when it is locked."""
    if not 0 < number <= HIGHEST_NUMBER:
        return None
    return _one(Case.number == number, lock)


def get_case_by_number(number: int, *, lock: bool = False) -> Case:
    """As find_case_by_number, raising NotFound."""
    case = find_case_by_number(number, lock=lock)
    if case is None:
        raise NotFound()
    return case


def find_case_of_response(response_id: UUID, *, lock: bool = False) -> Case | None:
    """The one case that this response has opened, or None."""
    return _one(Case.response_id == response_id, lock)


def calendar_of(case: Case) -> Calendar:
    """The working hours that the case was opened with."""
    return sla.read_version(case.calendar_version)


def list_root_causes(case: Case) -> list[RootCause]:
    """The causes of the case as they stand, by code."""
    query = select(CaseRootCause).where(CaseRootCause.case_id == case.id).order_by(CaseRootCause.code)
    return [RootCause(row.code, row.share, row.is_verified) for row in db.session.scalars(query)]


def closure_facts(case: Case, note: str = "", into: int | None = None) -> ClosureFacts:
    """What has happened since the case was opened or last reopened, as far as closing it depends on it."""
    reopened_at = find_reopened_at(case.id)
    attempted = select(CaseContact).where(CaseContact.case_id == case.id, CaseContact.outcome == "attempted")
    if reopened_at is not None:
        attempted = attempted.where(CaseContact.at >= reopened_at)
    causes = list_root_causes(case)
    return ClosureFacts(
        now=clock.now(),
        calendar=calendar_of(case),
        number=case.number,
        reached_contact=case.first_contact_at is not None,
        attempts=tuple(Attempt(row.channel, row.at) for row in db.session.scalars(attempted)),
        any_cause=bool(causes),
        verified_cause=has_verified_cause(causes),
        resolved_at=_newest_resolution(case),
        note=note,
        into=into,
    )


def find_reopened_at(case_id: UUID) -> datetime | None:
    """When the case was last reopened, after a closure or because its customer objected to the resolution."""
    reopened = select(func.max(CaseEvent.at)).where(CaseEvent.case_id == case_id, CaseEvent.kind == "reopened")
    return db.session.scalar(reopened)


def _newest_resolution(case: Case) -> datetime | None:
    if case.resolved_at is None:
        return None
    query = select(CaseResolution.at).where(CaseResolution.case_id == case.id)
    return db.session.scalar(query.order_by(CaseResolution.at.desc()).limit(1))


def _one(condition: ColumnElement[bool], lock: bool) -> Case | None:
    query = select(Case).where(condition)
    if lock:
        query = query.with_for_update(of=Case).execution_options(populate_existing=True)
    return db.session.scalar(query)
