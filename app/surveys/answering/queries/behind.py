"""The answers behind one row of a figure: the filter by which lists show exactly what it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, false, select

from app.journeys.models import Department, Journey, Stage, Touchpoint
from app.kernel.days import midnight
from app.kernel.naming import is_key
from app.partners.models import Partner
from app.surveys.answering.models import Response
from app.surveys.answering.queries.counting import counts
from app.surveys.answering.rules import BANDS, Band
from app.surveys.design.models import Survey

METRICS = ("nps", "csat", "ces", "emotion")
NONE = "~"
"""In place of a key: the answers that have none of this dimension. No key can be spelled like this."""


@dataclass(frozen=True)
class CountedFilter:
    """The answers behind one row of a figure. Days are inclusive, of the zone; `by` holds keys, or NONE."""

    metric: str
    zone: str
    band: Band | None = None
    first: date | None = None
    last: date | None = None
    by: Mapping[str, str] = field(default_factory=dict)


def counted_in(wanted: CountedFilter) -> list[ColumnElement[bool]]:
    """The conditions on the responses that a row of a figure counts, transactional ones by the day of the answer."""
    found = [Response.survey_kind == "transactional", counts(wanted.metric)]
    zone = ZoneInfo(wanted.zone)
    if wanted.first is not None:
        found.append(Response.answered_at >= midnight(wanted.first, zone))
    if wanted.last is not None:
        found.append(Response.answered_at < midnight(wanted.last + timedelta(days=1), zone))
    if wanted.band is not None:
        found.append(_in_band(wanted.metric, wanted.band))
    return found + [_has(name, key) for name, key in wanted.by.items()]


def _in_band(metric: str, band: Band) -> ColumnElement[bool]:
    if metric == "emotion":
        # As the figure counts: pleasant and unpleasant go by the mean, whether or not one word alone opens a case.
        return {"low": Response.valence < 0, "middle": Response.valence == 0, "high": Response.valence > 0}[band]
    return getattr(Response, metric).in_(BANDS[band][metric])


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
