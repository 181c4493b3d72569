"""Look-ups of responses: by what makes them unique, by their ids, and in lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.journeys.queries import find_touchpoint_by_key
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.ids import parse_id
from app.kernel.pagination import DEFAULT_LIMIT, Page, paginate
from app.partners.queries import find_partner_by_key
from app.surveys.answering.models import Response
from app.surveys.answering.queries.behind import CountedFilter, counted_in
from app.surveys.answering.rules import BANDS, STRONGLY_NEGATIVE, Band
from app.surveys.design.queries import find_survey_by_key

Identity = Mapping[str, Any]
"""The columns, by name, that tell a response from every other; empty when its sender gave it no id."""


def find_by_identity(identity: Identity, *, lock: bool = False) -> Response | None:
    """The response known by these columns, with its answers."""
    if not identity:
        return None
    query = select(Response).filter_by(**identity).options(selectinload(Response.answers))
    if lock:
        query = query.with_for_update(of=Response).execution_options(populate_existing=True)
    return db.session.scalar(query)


def get_response(response_id: UUID) -> Response:
    """One response with all that its page shows. Raises NotFound."""
    return _only(_whole_responses().where(Response.id == response_id))


def get_response_by_public_id(public_id: str) -> Response:
    """One response by the sender's own id, else by ours. Raises NotFound."""
    own = parse_id(public_id)
    is_meant = Response.external_id == public_id
    found = db.session.scalars(
        _whole_responses().where(is_meant if own is None else or_(is_meant, Response.id == own))
    ).all()
    if not found:
        raise NotFound()
    return next((row for row in found if row.external_id == public_id), found[0])


def public_id(response: Response) -> str:
    """The id a response has outside: the sender's own where there is one."""
    return response.external_id or str(response.id)


@dataclass(frozen=True)
class ResponseFilter:
    """Which responses; others are named by their keys, None means all. `since` is inclusive, aware."""

    survey: str | None = None
    touchpoint: str | None = None
    partner: str | None = None
    since: datetime | None = None
    band: Band | None = None
    is_parked: bool | None = None
    is_over_plan: bool | None = None
    counted: CountedFilter | None = None
    """What a row of a figure counts; it has all its parts itself, and the others are empty."""


def page_of_responses(wanted: ResponseFilter, cursor: str | None, limit: int = DEFAULT_LIMIT) -> Page[Response]:
    """Some responses, newest answer first; a key that names nothing gives none. Raises Invalid on a bad cursor."""
    query = _filtered(_whole_responses(), wanted)
    return paginate(query, [Response.answered_at, Response.id], cursor, limit)


def _filtered(query: Select[Response], wanted: ResponseFilter) -> Select[Response]:
    if wanted.counted is not None:
        return query.where(*counted_in(wanted.counted))
    named = (
        (Response.survey_id, wanted.survey, find_survey_by_key),
        (Response.touchpoint_id, wanted.touchpoint, find_touchpoint_by_key),
        (Response.partner_id, wanted.partner, find_partner_by_key),
    )
    for column, key, find in named:
        if key is not None:
            row = find(key)
            query = query.where(column == (row.id if row else None))
    if wanted.since is not None:
        query = query.where(Response.answered_at >= wanted.since)
    if wanted.band is not None:
        query = query.where(_in_band(wanted.band))
    if wanted.is_parked is not None:
        query = query.where(Response.parked_at.is_not(None) if wanted.is_parked else Response.parked_at.is_(None))
    if wanted.is_over_plan is not None:
        is_over = Response.over_plan_month.is_not(None)
        query = query.where(is_over if wanted.is_over_plan else ~is_over)
    return query


def _in_band(band: Band) -> ColumnElement[bool]:
    """As `rules.band`: the first of the scores that a response has decides."""
    is_strong = Response.emotion.bitwise_and(STRONGLY_NEGATIVE) != 0
    feelings = {
        "low": is_strong | (Response.valence < 0),
        "middle": ~is_strong & (Response.valence == 0),
        "high": ~is_strong & (Response.valence > 0),
    }
    scored = [(column, column.in_(BANDS[band][column.key])) for column in (Response.nps, Response.csat, Response.ces)]
    return case(*((column.is_not(None), is_in) for column, is_in in scored), else_=feelings[band])


def _whole_responses() -> Select[Response]:
    return select(Response).options(
        selectinload(Response.answers),
        joinedload(Response.version),
        joinedload(Response.survey),
        joinedload(Response.interaction),
        joinedload(Response.touchpoint),
        joinedload(Response.partner),
    )


def _only(query: Select[Response]) -> Response:
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found
