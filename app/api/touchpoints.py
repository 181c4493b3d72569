"""Touchpoints: put, read, list. Journey and stage are made when a touchpoint names new ones."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field

from app.api.base import ApiModel, Key, KeyPath, ListQuery, Name, blueprint, listing
from app.journeys import queries, service
from app.journeys.models import Touchpoint
from app.journeys.rules import CHANNEL_PATTERN, CHANNELS, HIGHEST_EMOTION, LOWEST_EMOTION, TouchpointInput
from app.tenants.access import api_scope

bp = blueprint("touchpoints", "Touchpoints")

Channel = Annotated[
    str,
    Field(pattern=CHANNEL_PATTERN, description=f"Commonly one of {', '.join(CHANNELS)}; a word of your own is taken."),
]
Emotion = Annotated[
    int, Field(ge=LOWEST_EMOTION, le=HIGHEST_EMOTION, description="A rank from 1, despair, to 20, enthusiastic.")
]


class TouchpointIn(ApiModel):
    """A touchpoint as it is sent. A department or a partner answers for it, or nobody yet."""

    name: Name
    journey: Key
    stage: Key
    channel: Channel
    department: Key | None = None
    partner: Key | None = None
    desired_emotion: Emotion | None = None


class TouchpointOut(TouchpointIn):
    """A touchpoint."""

    key: Key


class TouchpointList(ApiModel):
    """Some touchpoints."""

    data: list[TouchpointOut]
    next_cursor: str | None


@bp.put("/touchpoints/<key>", responses={200: TouchpointOut, 201: TouchpointOut})
@api_scope("admin")
def put_touchpoint(path: KeyPath, body: TouchpointIn) -> tuple[dict[str, Any], int]:
    """Make a touchpoint, or make it as given: what is left out is emptied."""
    touchpoint, is_new = service.put_touchpoint(path.key, TouchpointInput(**body.model_dump()))
    return _out(touchpoint), 201 if is_new else 200


@bp.get("/touchpoints/<key>", responses={200: TouchpointOut})
@api_scope("read")
def get_touchpoint(path: KeyPath) -> dict[str, Any]:
    """One touchpoint."""
    return _out(queries.get_touchpoint_by_key(path.key))


@bp.get("/touchpoints", responses={200: TouchpointList})
@api_scope("read")
def list_touchpoints(query: ListQuery) -> dict[str, Any]:
    """The touchpoints, by key."""
    return listing(queries.page_of_touchpoints(query.cursor, query.limit), _out)


def _out(touchpoint: Touchpoint) -> dict[str, Any]:
    return {"key": touchpoint.key, **asdict(queries.as_input(touchpoint))}
