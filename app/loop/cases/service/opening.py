"""Opening a case: one response opens at most one, and what its customer adds later joins it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.kernel import clock, scope
from app.kernel.db import atomic, db, find_row
from app.kernel.ids import new_id
from app.kernel.inserts import insert_if_new
from app.loop.cases import rules
from app.loop.cases.models import Case, CaseEvent
from app.loop.cases.queries import find_case_of_response
from app.loop.cases.service.clocks import FIRST_CONTACT, RESOLUTION, clock_starts, start_clock
from app.loop.cases.service.telling import CUSTOMER, tell
from app.loop.cases.service.working import set_severity
from app.loop.sla import queries as sla
from app.loop.sla import service as calendars
from app.loop.sla.rules import first_contact_due, resolution_due
from app.metrics.emotion import ranks_of
from app.surveys.answering.models import Response, scores_of
from app.tenants import queries as tenants
from app.tenants.models import TenantCounter


def open_case_for_response(response_id: UUID) -> Case | None:
    """Open the one case that this complete response calls for, or add what it says since to the case there is.

    None when it calls for none: unfinished, parked, a follow-up, or with scores above the tenant's limits.
    """
    return _open_or_join(response_id, lambda response: response.status == "completed")


def open_case_when_settled(response_id: UUID) -> Case | None:
    """As open_case_for_response, also for an unfinished response that has been left alone for the settle time."""
    return _open_or_join(response_id, _is_settled)


def _is_settled(response: Response) -> bool:
    if response.status == "completed":
        return True
    return rules.is_settled(response.answered_at, clock.now(), tenants.settings().settle_minutes)


def _open_or_join(response_id: UUID, is_ready: Callable[[Response], bool]) -> Case | None:
    with atomic():
        response = find_row(Response, response_id)
        if response is None or response.survey_kind == "follow_up":
            return None
        case = find_case_of_response(response_id, lock=True)
        if case is not None:
            _join(case, response)
        elif response.parked_at is None and is_ready(response) and calls_for_case(response):
            case = _open(response)
        return case


def calls_for_case(response: Response) -> bool:
    """Whether the scores of this response are as low as those for which the tenant opens a case."""
    return rules.opens_case(scores_of(response), limits())


def limits() -> rules.Limits:
    """From which scores on the tenant wants a case."""
    own = tenants.settings()
    return rules.Limits(own.nps_detractor_max, own.csat_detractor_max, own.ces_detractor_max, own.emotion_detractor_max)


def _open(response: Response) -> Case | None:
    """Insert the case with the next number; when another transaction was faster, no number is used up."""
    savepoint = db.session.begin_nested()
    case = insert_if_new(Case, number=_next_number(), **_values_of(response))
    if case is None:
        savepoint.rollback()
        return find_case_of_response(response.id)
    savepoint.commit()
    data = {
        "revision": response.revision,
        "severity": case.severity,
        "because": _because(response),
        "resolution_due_at": case.resolution_due_at.isoformat(),
    }
    tell(case, "opened", data=data, at=case.opened_at)
    start_clock(case, FIRST_CONTACT)
    start_clock(case, RESOLUTION)
    return case


def _because(response: Response) -> dict[str, Any]:
    """Which scores called for the case, as the API shows scores and answers: the feelings as ranks."""
    found = rules.alarming(scores_of(response), limits())
    plain = {name: score for name, score in asdict(found).items() if score is not None}
    return plain | ({"emotion": list(ranks_of(found.emotion))} if found.emotion else {})


def _values_of(response: Response) -> dict[str, Any]:
    promised = sla.clock_settings()
    version = calendars.ensure_calendar()
    opened_at = response.answered_at if response.is_historic else clock.now()
    severity = rules.severity(scores_of(response))
    return {
        "response_id": response.id,
        "customer_id": response.customer_id,
        "touchpoint_id": response.touchpoint_id,
        "partner_id": response.partner_id,
        "status": "new",
        "severity": severity,
        "is_historic": response.is_historic,
        "answered_at": response.answered_at,
        "opened_at": opened_at,
        "calendar_version_id": version.id,
        "first_contact_due_at": first_contact_due(clock_starts(response), severity, promised),
        "resolution_due_at": resolution_due(opened_at, sla.read_version(version), promised),
        "reopened_count": 0,
    }


def _next_number() -> int:
    """The tenant's next case number; the row stays locked until the transaction ends, so that none is left out."""
    row = {"tenant_id": scope.tenant_id(), "id": new_id(), "name": "case", "value": 1}
    statement = (
        insert(TenantCounter)
        .values(row)
        .on_conflict_do_update(
            index_elements=[TenantCounter.tenant_id, TenantCounter.name], set_={"value": TenantCounter.value + 1}
        )
        .returning(TenantCounter.value)
    )
    return db.session.execute(statement).scalar_one()


def _join(case: Case, response: Response) -> None:
    """Put what the customer has added since into the timeline; a graver score makes the case graver, never milder."""
    if response.revision <= _known_revision(case):
        return
    data = {"revision": response.revision}
    added = tell(case, "answer_added", data=data, at=response.answered_at, actor=CUSTOMER, once=str(response.revision))
    graver = rules.severity(scores_of(response))
    if added and case.status != "closed" and graver < case.severity:
        set_severity(case, graver, "")


def _known_revision(case: Case) -> int:
    told = select(CaseEvent.data).where(CaseEvent.case_id == case.id, CaseEvent.kind.in_(("opened", "answer_added")))
    return max((int(data.get("revision", 0)) for data in db.session.scalars(told)), default=0)
