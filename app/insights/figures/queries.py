"""Figures straight from the responses: one grouped statement per question, whatever the number of rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.insights.figures import words
from app.insights.figures.rules import (
    DIMENSIONS,
    ENTITIES,
    FIRST_DAY,
    LAST_DAY,
    METRICS,
    FigureQuery,
    FigureRow,
    Keys,
    Tally,
    bounds,
    compute,
    period_before,
)
from app.journeys.models import Department, Journey, Stage, Touchpoint
from app.kernel import scope
from app.kernel.db import db
from app.kernel.errors import Fault, Invalid, NotFound
from app.metrics import nps
from app.metrics.display import format_points
from app.partners.models import Partner
from app.surveys.answering.models import Response
from app.surveys.design.models import Survey
from app.tenants.queries import find_tenant

MOST_ROWS = 10_000

_KEYS: dict[str, InstrumentedAttribute[str]] = {
    "touchpoint": Touchpoint.key,
    "partner": Partner.key,
    "department": Department.key,
    "journey": Journey.key,
    "stage": Stage.key,
    "channel": Touchpoint.channel,
    "survey": Survey.key,
}
_NAMED: dict[str, Any] = {
    "touchpoint": Touchpoint,
    "partner": Partner,
    "department": Department,
    "journey": Journey,
    "stage": Stage,
    "survey": Survey,
}
_PERIOD_FORMATS = {"day": "YYYY-MM-DD", "week": 'IYYY-"W"IW', "month": "YYYY-MM"}


def figure(metric: str, query: FigureQuery) -> list[FigureRow]:
    """The rows of one figure.

    Counted: complete responses and partial ones with this answer; of several to one interaction the latest, every one
    without interaction; never follow-up or parked ones. Raises NotFound for an unknown metric and Invalid for an
    unknown dimension or filter value, or when the answer would have more than MOST_ROWS rows.
    """
    if metric not in METRICS:
        raise NotFound(f"There is no figure {metric}.")
    _check(query)
    return compute(metric, _tallies(metric, query), query.by)


def named_rows(metric: str, query: FigureQuery, by: str) -> list[tuple[str | None, str | None, FigureRow]]:
    """(key, name, row) by one dimension; a channel is its own name, a period is named in the reader's language."""
    rows = figure(metric, replace(query, by=(by,)))
    keys = [key for row in rows if (key := row.keys[by])]
    names = _names(by, keys) or {key: words.period_words(by, key) for key in keys}
    return [(key, names.get(key, key) if key else None, row) for row in rows for key in [row.keys[by]]]


def first_answered() -> str:
    """The metric that a reader who asks for none means: the first that anybody has answered."""
    return next((metric for metric in METRICS if figure(metric, FigureQuery())[0].figure.n), METRICS[0])


def change_in_words(metric: str, query: FigureQuery) -> str | None:
    """How NPS moved against the equally long period before, tested; None for CSAT, without dates or without answers."""
    before = period_before(query)
    if metric != "nps" or before is None:
        return None
    earlier, later = (_nps_counts(asked) for asked in (before, query))
    moved = nps.change(earlier, later) if earlier and later else None
    return words.change_words(moved, format_points(moved.raw)) if moved else None


def _nps_counts(query: FigureQuery) -> nps.NpsCounts | None:
    (row,) = figure("nps", query)
    found = row.figure
    if row.is_suppressed or not isinstance(found, nps.NpsFigure) or not found.n:
        return None
    return nps.NpsCounts(found.promoters, found.passives, found.detractors)


def _names(by: str, keys: list[str]) -> dict[str, str]:
    model = _NAMED.get(by)
    if model is None or not keys:
        return {}
    return {row.key: row.name for row in db.session.scalars(select(model).where(model.key.in_(keys)))}


def _tallies(metric: str, query: FigureQuery) -> list[Tally]:
    value = getattr(Response, metric)
    groups = [_group(name, query).label(f"by_{name}") for name in query.by]
    statement = _counted(
        select(*groups, value, func.count(), func.count().filter(Survey.is_anonymous)), metric, query
    ).group_by(*groups, value)
    rows = db.session.execute(statement.limit(MOST_ROWS * 11 + 1)).all()
    by_value: dict[Keys, dict[int, int]] = defaultdict(dict)
    anonymous: dict[Keys, int] = defaultdict(int)
    for *keys, answer, answers, unnamed in rows:
        by_value[tuple(keys)][answer] = answers
        anonymous[tuple(keys)] += unnamed
    if len(by_value) > MOST_ROWS:
        raise Invalid(f"The answer has more than {MOST_ROWS} rows: choose fewer dimensions or a shorter period.")
    return [Tally(keys, values, anonymous[keys]) for keys, values in by_value.items()]


def _counted(statement: Select[Any], metric: str, query: FigureQuery) -> Select[Any]:
    value = getattr(Response, metric)
    when = _when(query)
    first, after = bounds(query, _timezone())
    found = (
        statement.select_from(Response)
        .join(Survey, _same(Response.survey_id, Survey))
        .outerjoin(Touchpoint, _same(Response.touchpoint_id, Touchpoint))
        .outerjoin(Partner, _same(Response.partner_id, Partner))
        .outerjoin(Department, _same(Response.department_id, Department))
        .outerjoin(Stage, _same(Touchpoint.stage_id, Stage))
        .outerjoin(Journey, _same(Stage.journey_id, Journey))
        .where(value.is_not(None), Response.parked_at.is_(None), Response.survey_kind == query.kind, is_latest(metric))
    )
    if first is not None:
        found = found.where(when >= first)
    if after is not None:
        found = found.where(when < after)
    for name, wanted in query.filters.items():
        found = found.where(_group(name, query).in_(wanted))
    return found


def is_latest(metric: str) -> ColumnElement[bool]:
    """Of several answers to one interaction the latest counts; an answer without interaction always does."""
    later = aliased(Response)
    newer = (later.answered_at > Response.answered_at) | (
        (later.answered_at == Response.answered_at) & (later.id > Response.id)
    )
    return ~exists().where(
        later.tenant_id == Response.tenant_id,
        later.interaction_id == Response.interaction_id,
        later.survey_kind == Response.survey_kind,
        getattr(later, metric).is_not(None),
        later.parked_at.is_(None),
        newer,
    )


def _same(column: Any, target: Any) -> ColumnElement[bool]:
    return and_(column == target.id, target.tenant_id == scope.tenant_id())


def _when(query: FigureQuery) -> ColumnElement[Any]:
    if query.basis == "interaction":
        # A response without interaction has only its own date.
        return func.coalesce(Response.occurred_at, Response.answered_at)
    return Response.answered_at.expression


def _group(name: str, query: FigureQuery) -> ColumnElement[Any]:
    if name in _PERIOD_FORMATS:
        return func.to_char(func.timezone(_timezone(), _when(query)), _PERIOD_FORMATS[name])
    return _KEYS[name].expression


def _timezone() -> str:
    found = find_tenant(scope.tenant_id())
    return found.timezone if found else "UTC"


def _check(query: FigureQuery) -> None:
    faults = [Fault("/by", f"unknown dimension {name}") for name in query.by if name not in DIMENSIONS]
    faults += [Fault(f"/{name}", "unknown filter") for name in query.filters if name not in ENTITIES]
    for name, day in (("from", query.first), ("to", query.last)):
        if day and not FIRST_DAY <= day <= LAST_DAY:
            faults.append(Fault(f"/{name}", f"must lie between {FIRST_DAY} and {LAST_DAY}"))
    if query.first and query.last and query.last < query.first:
        faults.append(Fault("/to", "must not be before from"))
    if not faults:
        faults = [fault for name, wanted in query.filters.items() for fault in _unknown(name, wanted)]
    if faults:
        raise Invalid("The figure cannot be asked like this.", faults)


def _unknown(name: str, wanted: tuple[str, ...]) -> list[Fault]:
    """A mistyped filter must not look like a figure without answers."""
    known = set(db.session.scalars(select(_KEYS[name]).where(_KEYS[name].in_(wanted))))
    return [Fault(f"/{name}", f"unknown {name} {value}") for value in wanted if value not in known]
