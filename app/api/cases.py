"""Cases: list, read, and work on one. Each act is a noun below the case; DELETE takes an act back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.api.base import PathModel, blueprint, listing, moment
from app.api.schemas.cases import (
    AssignmentIn,
    CaseFilter,
    CaseList,
    CaseOut,
    CasePath,
    ClosureIn,
    ContactIn,
    EventList,
    EventOut,
    NoteIn,
    PartnerQuestionIn,
    PartnerQuestionOut,
    PartnerQuestionPath,
    ResolutionIn,
    RootCausesIn,
    WaitingIn,
)
from app.kernel.errors import Fault, Invalid
from app.loop.cases import queries, service
from app.loop.cases.models import Case, CaseEvent
from app.loop.cases.queries.listing import CaseQuery, load_case, page_of_cases
from app.loop.cases.queries.page import list_events
from app.surveys.answering.queries import public_id
from app.tenants import queries as tenants
from app.tenants.access import api_scope

bp = blueprint("cases", "Cases")

_MADE: Any = {201: CaseOut}


@bp.get("/cases", responses={200: CaseList})
@api_scope("read")
def list_cases(query: CaseFilter) -> dict[str, Any]:
    """Cases, newest number first."""
    wanted = CaseQuery(query.status, query.owner, query.touchpoint, query.partner, query.breached)
    return listing(page_of_cases(wanted, query.cursor, query.limit), case_out)


@bp.get("/cases/<int:number>", responses={200: CaseOut})
@api_scope("read")
def get_case(path: CasePath) -> dict[str, Any]:
    """One case."""
    return _fresh(path)


@bp.get("/cases/<int:number>/events", responses={200: EventList})
@api_scope("read")
def list_case_events(path: CasePath) -> dict[str, Any]:
    """What happened to the case, oldest first."""
    events = list_events(queries.get_case_by_number(path.number))
    return {"data": [_event(event) for event in events], "next_cursor": None}


@bp.put("/cases/<int:number>/assignment", responses={200: CaseOut})
@api_scope("cases")
def put_assignment(path: CasePath, body: AssignmentIn) -> dict[str, Any]:
    """Give the case to somebody who works on cases."""
    found = tenants.find_member_by_email(body.user)
    if found is None:
        queries.get_case_by_number(path.number)
        raise Invalid("Nobody here has this address.", [Fault("/user", "unknown")])
    service.assign_case(path.number, found[1].id)
    return _fresh(path)


@bp.post("/cases/<int:number>/first-contact", responses=_MADE)
@api_scope("cases")
def post_first_contact(path: CasePath, body: ContactIn) -> tuple[dict[str, Any], int]:
    """Record an attempt to reach the customer; every attempt is kept."""
    service.record_first_contact(path.number, body.channel, body.outcome, body.note or "")
    return _fresh(path), 201


@bp.put("/cases/<int:number>/root-causes", responses={200: CaseOut})
@api_scope("cases")
def put_root_causes(path: CasePath, body: RootCausesIn) -> dict[str, Any]:
    """Say why it happened; replaces what was said before."""
    service.set_root_causes(path.number, [cause.given() for cause in body.root_causes], body.note or "")
    return _fresh(path)


@bp.post("/cases/<int:number>/resolution", responses=_MADE)
@api_scope("cases")
def post_resolution(path: CasePath, body: ResolutionIn) -> tuple[dict[str, Any], int]:
    """Say what was done for the customer, and tell them."""
    service.resolve_case(path.number, body.action_taken, body.message_to_customer or "")
    return _fresh(path), 201


@bp.post("/cases/<int:number>/closure", responses=_MADE)
@api_scope("cases")
def post_closure(path: CasePath, body: ClosureIn) -> tuple[dict[str, Any], int]:
    """Close the case; 409 lists what is still missing."""
    service.close_case(path.number, body.outcome, body.note or "", body.into)
    return _fresh(path), 201


@bp.delete("/cases/<int:number>/closure", responses={204: None})
@api_scope("cases")
def delete_closure(path: CasePath) -> tuple[str, int]:
    """Reopen the case."""
    service.reopen_case(path.number)
    return "", 204


@bp.post("/cases/<int:number>/waiting", responses=_MADE)
@api_scope("cases")
def post_waiting(path: CasePath, body: WaitingIn) -> tuple[dict[str, Any], int]:
    """Say whom the case waits for; only a wait for the customer stops the resolution clock."""
    service.set_waiting(path.number, body.for_, body.reason)
    return _fresh(path), 201


@bp.delete("/cases/<int:number>/waiting", responses={204: None})
@api_scope("cases")
def delete_waiting(path: CasePath) -> tuple[str, int]:
    """Take the case up again."""
    service.resume_work(path.number)
    return "", 204


@bp.post("/cases/<int:number>/partner-questions", responses={201: PartnerQuestionOut})
@api_scope("cases")
def post_partner_question(path: CasePath, body: PartnerQuestionIn) -> tuple[dict[str, Any], int]:
    """Ask the partner of the case something; the answer comes into the timeline. One question is open at a time."""
    asked = service.ask_partner(path.number, body.question, body.business_days)
    times = {"asked_at": moment(asked.asked_at), "due_at": moment(asked.due_at)}
    return {"id": str(asked.id), "question": asked.text, **times}, 201


@bp.delete("/cases/<int:number>/partner-questions/<uuid:id>", responses={204: None})
@api_scope("cases")
def delete_partner_question(path: PartnerQuestionPath) -> tuple[str, int]:
    """Take back a question that was not answered."""
    service.withdraw_question(path.number, path.id)
    return "", 204


@bp.post("/cases/<int:number>/notes", responses={201: EventOut})
@api_scope("cases")
def post_note(path: CasePath, body: NoteIn) -> tuple[dict[str, Any], int]:
    """Write a line into the timeline."""
    return _event(service.add_note(path.number, body.note)), 201


def _fresh(path: PathModel) -> dict[str, Any]:
    assert isinstance(path, CasePath)
    return case_out(load_case(path.number))


def case_out(case: Case) -> dict[str, Any]:
    """A case as everybody outside sees it."""
    times: dict[str, datetime | None] = {
        "opened_at": case.opened_at,
        "first_contact_due_at": case.first_contact_due_at,
        "first_contact_at": case.first_contact_at,
        "resolution_due_at": case.resolution_due_at,
        "resolved_at": case.resolved_at,
        "closed_at": case.closed_at,
    }
    return {
        "number": case.number,
        "status": case.status,
        "closure": case.closure_outcome if case.status == "closed" else None,
        "severity": case.severity,
        "touchpoint": case.touchpoint.key if case.touchpoint else None,
        "partner": case.partner.key if case.partner else None,
        "customer": str(case.customer_id) if case.customer_id else None,
        "owner": case.owner.email if case.owner else None,
        **{name: moment(value) for name, value in times.items()},
        "root_causes": [
            {"code": cause.code, "share": cause.share, "verified": cause.is_verified} for cause in case.root_causes
        ],
        "response": public_id(case.response),
    }


def _event(event: CaseEvent) -> dict[str, Any]:
    return {
        "at": moment(event.at),
        "kind": event.kind,
        "actor": {"kind": event.actor_kind, "name": event.actor_label or None},
        "text": event.text,
        "data": event.data,
    }
