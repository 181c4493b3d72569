"""Figures: one grouped statement over the counted answers per question, whatever the number of rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.insights.figures import words
from app.insights.figures.queries.answers import Counted
from app.insights.figures.rules import (
    DIMENSIONS,
    ENTITIES,
    FIRST_DAY,
    LAST_DAY,
    FigureQuery,
    FigureRow,
    Keys,
    Tally,
    change,
    compute,
    period_before,
)
from app.journeys.models import Department, Journey, Stage, Touchpoint
from app.kernel import scope
from app.kernel.db import db
from app.kernel.errors import Fault, Invalid, NotFound
from app.metrics.figures import METRICS
from app.partners.models import Partner
from app.surveys.design.models import Survey

MOST_ROWS = 10_000
MOST_VALUES = 200_000
"""How many pairs of a row and a value one question may have the database hand over."""

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


def figure(metric: str, query: FigureQuery, counted: Counted | None = None) -> list[FigureRow]:
    """The rows of one figure; who asks for several at once reads `counted` once for all of them.

    Counted: complete responses and partial ones with this answer; of several to one interaction the latest, every one
    without interaction; never follow-up or parked ones. Raises NotFound for an unknown metric and Invalid for an
    unknown dimension or filter value, or when the answer would have more than MOST_ROWS rows.
    """
    if metric not in METRICS:
        raise NotFound(f"There is no figure {metric}.")
    _check(query)
    return compute(metric, _tallies(metric, query, counted or Counted.now()), query.by)


def named_rows(
    metric: str, query: FigureQuery, by: str, counted: Counted | None = None
) -> list[tuple[str | None, str | None, FigureRow]]:
    """(key, name, row) by one dimension; a channel is its own name, a period is named in the reader's language."""
    rows = figure(metric, replace(query, by=(by,)), counted)
    keys = [key for row in rows if (key := row.keys[by])]
    names = _names(by, keys) or {key: words.period_words(by, key) for key in keys}
    return [(key, names.get(key, key) if key else None, row) for row in rows for key in [row.keys[by]]]


def first_answered(counted: Counted | None = None) -> str:
    """The metric that a reader who asks for none means: the first that anybody has answered."""
    counted, everything = counted or Counted.now(), FigureQuery()
    for metric in METRICS:
        if db.session.scalar(select(func.sum(counted.of(metric, everything).c.n))):
            return metric
    return METRICS[0]


def change_in_words(metric: str, query: FigureQuery, total: FigureRow, counted: Counted | None = None) -> str | None:
    """How the one row `total` of this question moved against the equally long period before; None without a test."""
    before = period_before(query)
    moved = change(figure(metric, before, counted)[0], total) if before else None
    return words.change_words(metric, moved, is_real=moved.is_significant) if moved else None


def _names(by: str, keys: list[str]) -> dict[str, str]:
    model = _NAMED.get(by)
    if model is None or not keys:
        return {}
    return {row.key: row.name for row in db.session.scalars(select(model).where(model.key.in_(keys)))}


def _tallies(metric: str, query: FigureQuery, counted: Counted) -> list[Tally]:
    answers = counted.of(metric, query)
    groups = [_group(name, answers).label(f"by_{name}") for name in query.by]
    many = func.sum(answers.c.n)
    statement = _joined(select(*groups, answers.c.value, many, many.filter(Survey.is_anonymous)), answers, query)
    statement = statement.group_by(*groups, answers.c.value).having(many > 0)
    rows = db.session.execute(statement.limit(MOST_VALUES + 1)).all()
    by_value: dict[Keys, dict[int, int]] = defaultdict(dict)
    anonymous: dict[Keys, int] = defaultdict(int)
    for *keys, answer, people, unnamed in rows:
        by_value[tuple(keys)][answer] = int(people)
        anonymous[tuple(keys)] += int(unnamed or 0)
    if len(by_value) > MOST_ROWS or len(rows) > MOST_VALUES:
        raise Invalid(f"The answer has more than {MOST_ROWS} rows: choose fewer dimensions or a shorter period.")
    return [Tally(keys, values, anonymous[keys]) for keys, values in by_value.items()]


def _joined(statement: Select[Any], answers: Subquery, query: FigureQuery) -> Select[Any]:
    """The answers with what the question's dimensions and filters are read from, and no more."""
    asked = {*query.by, *query.filters}
    columns = answers.c
    found = statement.select_from(answers).join(Survey, _same(columns.survey_id, Survey))
    if asked & {"touchpoint", "channel", "stage", "journey"}:
        found = found.outerjoin(Touchpoint, _same(columns.touchpoint_id, Touchpoint))
    if asked & {"stage", "journey"}:
        found = found.outerjoin(Stage, _same(Touchpoint.stage_id, Stage))
    if "journey" in asked:
        found = found.outerjoin(Journey, _same(Stage.journey_id, Journey))
    if "partner" in asked:
        found = found.outerjoin(Partner, _same(columns.partner_id, Partner))
    if "department" in asked:
        found = found.outerjoin(Department, _same(columns.department_id, Department))
    for name, wanted in query.filters.items():
        found = found.where(_group(name, answers).in_(wanted))
    return found


def _same(column: Any, target: Any) -> ColumnElement[bool]:
    return and_(column == target.id, target.tenant_id == scope.tenant_id())


def _group(name: str, answers: Subquery) -> ColumnElement[Any]:
    if name in _PERIOD_FORMATS:
        return func.to_char(answers.c.day, _PERIOD_FORMATS[name])
    return _KEYS[name].expression


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
