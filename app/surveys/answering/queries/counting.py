"""Which responses count in a figure: the one rule that figures share with the lists of what is behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy.orm import aliased

from app.journeys.models import Department, Journey, Stage, Touchpoint
from app.kernel.naming import is_key
from app.metrics import ces, csat
from app.partners.models import Partner
from app.surveys.answering.models import Response
from app.surveys.answering.rules import Band
from app.surveys.design.models import Survey

METRICS = ("nps", "csat", "ces", "emotion")
NONE = "~"
"""In place of a key: the answers that have none of this dimension. No key can be spelled like this."""

_LOW_TO = {"nps": 6, "csat": csat.SCALE.bottom_to, "ces": ces.SCALE.bottom_to}
_HIGH_FROM = {"nps": 9, "csat": csat.SCALE.top_from, "ces": ces.SCALE.top_from}


@dataclass(frozen=True)
class CountedFilter:
    """The answers behind one row of a figure. Days are inclusive, of the zone; `by` holds keys, or NONE."""

    metric: str
    zone: str
    band: Band | None = None
    first: date | None = None
    last: date | None = None
    by: Mapping[str, str] = field(default_factory=dict)


def counts(metric: str) -> ColumnElement[bool]:
    """Whether a response counts in the figure of this metric (the name of its column).

    It does with an answer to it, complete or partial, unless it is parked. Of several answers to one interaction the
    latest counts, one without interaction always does. Kinds of survey are told apart by whoever asks.
    """
    is_latest = or_(Response.interaction_id.is_(None), ~_has_later(metric))
    return getattr(Response, metric).is_not(None) & Response.parked_at.is_(None) & is_latest


def counted_in(wanted: CountedFilter) -> list[ColumnElement[bool]]:
    """The conditions on the responses that a row of a figure counts, transactional ones by the day of the answer."""
    found = [Response.survey_kind == "transactional", counts(wanted.metric)]
    first, after = days_in_zone(wanted.first, wanted.last, wanted.zone)
    if first is not None:
        found.append(Response.answered_at >= first)
    if after is not None:
        found.append(Response.answered_at < after)
    if wanted.band is not None:
        found.append(_in_band(wanted.metric, wanted.band))
    return found + [_has(name, key) for name, key in wanted.by.items()]


def days_in_zone(first: date | None, last: date | None, zone: str) -> tuple[datetime | None, datetime | None]:
    """The half-open span of instants that these days cover: days of 23 and 25 hours included."""
    where = ZoneInfo(zone)
    begins = datetime.combine(first, time(), where).astimezone(UTC) if first else None
    ends = datetime.combine(last + timedelta(days=1), time(), where).astimezone(UTC) if last else None
    return begins, ends


def _in_band(metric: str, band: Band) -> ColumnElement[bool]:
    if metric == "emotion":
        return {"low": Response.valence < 0, "middle": Response.valence == 0, "high": Response.valence > 0}[band]
    value, low, high = getattr(Response, metric), _LOW_TO[metric], _HIGH_FROM[metric]
    return {"low": value <= low, "middle": value.between(low + 1, high - 1), "high": value >= high}[band]


def _has(name: str, key: str) -> ColumnElement[bool]:
    """Whether a response belongs to what has this key."""
    column, keyed = _DIMENSIONS[name]
    if key == NONE:
        return column.is_(None)
    return column.in_(keyed(key)) if is_key(key) else false()


def _at_stage(condition: ColumnElement[bool]) -> Any:
    return select(Touchpoint.id).where(Touchpoint.stage_id.in_(select(Stage.id).where(condition)))


_DIMENSIONS: Mapping[str, tuple[Any, Any]] = {
    "touchpoint": (Response.touchpoint_id, lambda key: select(Touchpoint.id).where(Touchpoint.key == key)),
    "channel": (Response.touchpoint_id, lambda key: select(Touchpoint.id).where(Touchpoint.channel == key)),
    "stage": (Response.touchpoint_id, lambda key: _at_stage(Stage.key == key)),
    "journey": (
        Response.touchpoint_id,
        lambda key: _at_stage(Stage.journey_id.in_(select(Journey.id).where(Journey.key == key))),
    ),
    "partner": (Response.partner_id, lambda key: select(Partner.id).where(Partner.key == key)),
    "department": (Response.department_id, lambda key: select(Department.id).where(Department.key == key)),
    "survey": (Response.survey_id, lambda key: select(Survey.id).where(Survey.key == key)),
}
DIMENSIONS = tuple(_DIMENSIONS)


def _has_later(metric: str) -> ColumnElement[bool]:
    later = aliased(Response)
    newer = (later.answered_at > Response.answered_at) | (
        (later.answered_at == Response.answered_at) & (later.id > Response.id)
    )
    return exists().where(
        later.tenant_id == Response.tenant_id,
        later.interaction_id == Response.interaction_id,
        later.survey_kind == Response.survey_kind,
        getattr(later, metric).is_not(None),
        later.parked_at.is_(None),
        newer,
    )
