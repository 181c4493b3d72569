"""Responses: send one or many, read one, list them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select

from app.api.base import blueprint, listing, moment
from app.api.problems import faults_of
from app.api.schemas.responses import (
    ResponseBatchIn,
    ResponseBatchOut,
    ResponseIn,
    ResponseList,
    ResponseMade,
    ResponseOut,
    ResponsePath,
    ResponseQuery,
)
from app.kernel.db import db
from app.kernel.errors import Fault, HeedError, Invalid
from app.loop.cases.models import Case
from app.surveys.answering import queries, service
from app.surveys.answering.models import Response, answers_of, scores_of
from app.surveys.answering.queries import ResponseFilter
from app.surveys.answering.rules import Scores
from app.surveys.answering.service import Outcome, Submission
from app.surveys.design import rules as design
from app.surveys.design.question_types import type_of
from app.surveys.design.reading import read_version
from app.tenants.access import api_scope

bp = blueprint("responses", "Responses")


@bp.post("/responses", responses={201: ResponseMade})
@api_scope("responses")
def post_response(body: ResponseIn) -> tuple[dict[str, Any], int]:
    """Send a complete response; the same one again under its id is answered like the first time."""
    outcome = service.submit_response(body.submission())
    return {"id": outcome.public_id, "status": outcome.status, "scores": _scores(outcome.scores)}, 201


@bp.post("/responses/batch", responses={200: ResponseBatchOut})
@api_scope("responses")
def post_responses(body: ResponseBatchIn) -> dict[str, Any]:
    """Send many responses; good ones are kept whatever is wrong with others."""
    read = [_read(item) for item in body.responses]
    taken = iter(service.submit_responses([item for item in read if isinstance(item, Submission)]))
    results = [next(taken) if isinstance(item, Submission) else item for item in read]
    return {"data": [_item(index, result) for index, result in enumerate(results)]}


@bp.get("/responses/<whole:id>", responses={200: ResponseOut})
@api_scope("read")
def get_response(path: ResponsePath) -> dict[str, Any]:
    """One response, by the id you sent or by ours."""
    response = queries.get_response_by_public_id(path.id)
    return response_out(response)


@bp.get("/responses", responses={200: ResponseList})
@api_scope("read")
def list_responses(query: ResponseQuery) -> dict[str, Any]:
    """The responses, newest answer first."""
    wanted = ResponseFilter(query.survey, query.touchpoint, query.partner, query.since, is_parked=query.parked)
    page = queries.page_of_responses(wanted, query.cursor, query.limit)
    cases = _case_numbers([row.id for row in page.rows])
    return listing(page, lambda row: _out(row, cases))


def _case_numbers(response_ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(Case.response_id, Case.number).where(Case.response_id.in_(response_ids))
    return {row.response_id: row.number for row in db.session.execute(query)}


def _read(item: Any) -> Submission | HeedError:
    try:
        return ResponseIn.model_validate(item).submission()
    except ValidationError as error:
        return Invalid("The response does not have the expected form.", faults_of(error))


def _item(index: int, result: Outcome | HeedError) -> dict[str, Any]:
    if isinstance(result, Outcome):
        return {"index": index, "status": 201, "id": result.public_id}
    faults: Sequence[Fault] = result.faults or [Fault("", str(result))]
    errors = [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults]
    return {"index": index, "status": result.status, "errors": errors}


def _scores(scores: Scores) -> dict[str, float | None]:
    """As contract: emotion is the mean valence of the feelings, to four decimals."""
    emotion = None if scores.valence is None else round(scores.valence, 4)
    return {"nps": scores.nps, "csat": scores.csat, "ces": scores.ces, "emotion": emotion}


def response_out(row: Response) -> dict[str, Any]:
    """A response as everybody outside sees it."""
    return _out(row, _case_numbers([row.id]))


def _out(row: Response, cases: Mapping[UUID, int]) -> dict[str, Any]:
    answers, definition = answers_of(row), read_version(row.version)
    return {
        "id": queries.public_id(row),
        "status": row.status,
        "survey": row.survey.key,
        "version": row.version.number,
        "touchpoint": row.touchpoint.key if row.touchpoint else None,
        "partner": row.partner.key if row.partner else None,
        "customer": str(row.customer_id) if row.customer_id else None,
        "interaction": row.interaction.external_id if row.interaction else None,
        "invitation": str(row.invitation_id) if row.invitation_id else None,
        "case": cases.get(row.id),
        "scores": _scores(scores_of(row)),
        "answers": {
            question.key: type_of(question).as_json(answers[question.key])
            for question in definition.questions
            if question.key in answers
        },
        "comment": design.comment(definition, answers),
        "locale": row.locale,
        "source": row.source,
        "historic": row.is_historic,
        "answered_at": moment(row.answered_at),
        "received_at": moment(row.received_at),
        "completed_at": moment(row.completed_at),
        "parked": row.parked_reason,
        "over_plan": row.over_plan_month is not None,
    }
