"""Interactions: send one or many, read one with what was decided about it, list them."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from app.api.base import blueprint, listing, moment
from app.api.problems import faults_of
from app.api.schemas.outreach import (
    InteractionBatchIn,
    InteractionBatchOut,
    InteractionIn,
    InteractionList,
    InteractionOut,
    InteractionPath,
    InteractionQuery,
    InteractionTaken,
)
from app.kernel.errors import Fault, HeedError, Invalid
from app.surveys.outreach import queries, service
from app.surveys.outreach.intake_rules import NewInteraction
from app.surveys.outreach.models import Interaction, OutreachDecision
from app.tenants.access import api_scope

bp = blueprint("interactions", "Interactions")


@bp.post("/interactions", responses={202: InteractionTaken})
@api_scope("outreach")
def post_interaction(body: InteractionIn) -> tuple[dict[str, Any], int]:
    """Send an interaction; the rules that listen to its touchpoint decide whether the customer is asked."""
    interaction, _is_new = service.record_interaction(body.given())
    return {"id": interaction.external_id, "received_at": moment(interaction.received_at)}, 202


@bp.post("/interactions/batch", responses={200: InteractionBatchOut})
@api_scope("outreach")
def post_interactions(body: InteractionBatchIn) -> dict[str, Any]:
    """Send many interactions; good ones are kept whatever is wrong with others."""
    read = [_read(item) for item in body.interactions]
    taken = iter(service.record_interactions([item for item in read if isinstance(item, NewInteraction)]))
    results = [next(taken) if isinstance(item, NewInteraction) else item for item in read]
    return {"data": [_item(index, result) for index, result in enumerate(results)]}


@bp.get("/interactions/<whole:id>", responses={200: InteractionOut})
@api_scope("read")
def get_interaction(path: InteractionPath) -> dict[str, Any]:
    """One interaction, by the id under which you sent it."""
    return _out(queries.get_interaction(path.id))


@bp.get("/interactions", responses={200: InteractionList})
@api_scope("read")
def list_interactions(query: InteractionQuery) -> dict[str, Any]:
    """The interactions, the latest to arrive first."""
    wanted = queries.InteractionFilter(query.touchpoint, query.partner, query.customer)
    return listing(queries.page_of_interactions(wanted, query.cursor, query.limit), _out)


def _read(item: Any) -> NewInteraction | HeedError:
    try:
        return InteractionIn.model_validate(item).given()
    except ValidationError as error:
        return Invalid("The interaction does not have the expected form.", faults_of(error))


def _item(index: int, result: service.Recorded | HeedError) -> dict[str, Any]:
    if isinstance(result, tuple):
        return {"index": index, "status": 202, "id": result[0].external_id}
    faults = result.faults or (Fault("", str(result)),)
    errors = [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults]
    return {"index": index, "status": result.status, "errors": errors}


def _out(row: Interaction) -> dict[str, Any]:
    employee = {"id": row.employee_key, "name": row.employee_name} if row.employee_key else None
    return {
        "id": row.external_id,
        "touchpoint": row.touchpoint.key,
        "occurred_at": moment(row.occurred_at),
        "received_at": moment(row.received_at),
        "customer": str(row.customer_id),
        "partner": row.partner.key if row.partner else None,
        "employee": employee,
        "measures": row.measures,
        "attributes": row.attributes,
        "historic": row.is_historic,
        "outreach": [_decision(decision) for decision in sorted(row.decisions, key=lambda one: one.id)],
    }


def _decision(row: OutreachDecision) -> dict[str, Any]:
    return {
        "rule": row.rule.key,
        "decision": row.decision,
        "reason": row.reason,
        "invitation": str(row.invitation_id) if row.invitation_id else None,
    }
