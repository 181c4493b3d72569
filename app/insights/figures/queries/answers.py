"""Counted answers as rows: the cells of the rollups, and the difference that the responses not yet in them make.

Cells and difference come in one statement, so that a response which is being rolled up just now is counted once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)

from app.insights.figures.models import Rollup, RollupCell, RollupFact
from app.insights.figures.rollup_rules import Fact, Grain, Span, spans
from app.insights.figures.rules import KINDS, Basis, FigureQuery
from app.kernel import scope
from app.kernel.db import db
from app.metrics.figures import METRICS
from app.surveys.answering.models import Response
from app.surveys.answering.queries import counts
from app.tenants.models import Tenant

_SLICE = ("survey_id", "touchpoint_id", "partner_id", "department_id")


@dataclass(frozen=True)
class Counted:
    """The counted answers as of a moment: in the days of `zone`, from rollups that hold `held` days (None: none)."""

    zone: str
    held: str | None
    is_waited_for: bool
    """Whether a response is not in the rollups as it stands."""

    @classmethod
    def now(cls) -> Counted:
        """The answers that are there at this moment, or come later."""
        held = select(Rollup.timezone).scalar_subquery()
        is_waited_for = select(Response.id).where(Response.is_uncounted).exists()
        mine = select(Tenant.timezone, held, is_waited_for).where(Tenant.id == scope.tenant_id())
        return cls(*db.session.execute(mine).one())

    @property
    def is_rolled_up(self) -> bool:
        """Whether the rollups hold every response as it stands."""
        return self.held == self.zone and not self.is_waited_for

    def of(self, metric: str, query: FigureQuery) -> Subquery:
        """The answers to a metric in the query's kind, basis and dates; filters and dimensions are the caller's.

        Columns: survey_id, touchpoint_id, partner_id, department_id, day, value, n, nameless. `n` may be below 0 in a
        row: sum it. A day may stand for its month where the query asks for nothing smaller.
        """
        if self.held != self.zone:
            return _of_facts(_facts_in(metric, self.zone), metric, query, 1).subquery("counted")
        cells = _of_cells(metric, query)
        if self.is_rolled_up:
            return cells.subquery("counted")
        waiting = _waiting()
        now = _of_facts(_facts_in(metric, self.zone).where(Response.id.in_(waiting)), metric, query, 1)
        before = _of_facts(select(RollupFact).where(RollupFact.id.in_(waiting)), metric, query, -1)
        return union_all(cells, now, before).subquery("counted")


def contributions(zone: str) -> Select[Any]:
    """The fact of each response that counts in any metric: the columns of Fact."""
    values = [case((counts(metric), getattr(Response, metric))).label(metric) for metric in METRICS]
    is_counted = or_(*(counts(metric) for metric in METRICS))
    return _facts(zone).add_columns(*values).where(Response.survey_kind.in_(KINDS), is_counted)


def _facts_in(metric: str, zone: str) -> Select[Any]:
    """The same for one metric alone."""
    return _facts(zone).add_columns(getattr(Response, metric)).where(counts(metric))


def _facts(zone: str) -> Select[Any]:
    happened_at = func.coalesce(Response.occurred_at, Response.answered_at)
    return select(
        Response.id,
        Response.survey_kind,
        *(getattr(Response, name) for name in _SLICE),
        _day(Response.answered_at, zone).label("response_day"),
        # A response without interaction has only its own date.
        _day(happened_at, zone).label("interaction_day"),
        Response.customer_id.is_(None).label("is_nameless"),
    ).where(Response.tenant_id == scope.tenant_id())


def facts_now(ids: list[UUID], zone: str) -> list[Fact]:
    """What these responses add to the cells as they stand."""
    rows = db.session.execute(contributions(zone).where(Response.id.in_(ids)))
    return [Fact(*row) for row in rows]


def facts_stored(ids: list[UUID]) -> list[Fact]:
    """What these responses have added to the cells."""
    columns = [getattr(RollupFact, name) for name in Fact._fields]
    return [Fact(*row) for row in db.session.execute(select(*columns).where(RollupFact.id.in_(ids)))]


def cells_of_all(metric: str, basis: Basis, grain: Grain) -> Select[Any]:
    """The cells of one metric, basis and grain, counted from all facts: tenant, id, the columns of CellKey, counts."""
    day, value = getattr(RollupFact, f"{basis}_day"), getattr(RollupFact, metric)
    period = day if grain == "day" else cast(func.date_trunc("month", day), Date)
    columns = (
        RollupFact.survey_kind,
        literal(basis),
        literal(grain),
        period,
        *(getattr(RollupFact, name) for name in _SLICE),
        literal(metric),
        value,
    )
    text = func.concat_ws("|", *(func.coalesce(cast(column, Text), "") for column in columns))
    by = (RollupFact.tenant_id, RollupFact.survey_kind, period, *columns[4:8], value)
    many, nameless = func.count(), func.count().filter(RollupFact.is_nameless)
    query = select(RollupFact.tenant_id, cast(func.md5(text), Uuid), *columns, many, nameless).group_by(*by)
    return query.where(RollupFact.tenant_id == scope.tenant_id(), value.is_not(None))


def with_siblings(ids: list[UUID]) -> list[UUID]:
    """These responses and all others to the same interactions, which they may take the place of."""
    same = select(Response.interaction_id).where(Response.id.in_(ids), Response.interaction_id.is_not(None))
    query = select(Response.id).where(or_(Response.id.in_(ids), Response.interaction_id.in_(same)))
    return list(db.session.scalars(query))


def uncounted_ids(most: int) -> list[UUID]:
    """Some of the responses that the rollups do not hold as they stand."""
    return list(db.session.scalars(select(Response.id).where(Response.is_uncounted).limit(most)))


def _waiting() -> Select[Any]:
    """The ids of the responses that the rollups do not hold as they stand, and of those that they may replace."""
    waiting = select(Response.id, Response.interaction_id).where(Response.is_uncounted).cte()
    siblings = select(Response.id).join(waiting, Response.interaction_id == waiting.c.interaction_id)
    return select(union(select(waiting.c.id), siblings).subquery().c.id)


def _of_cells(metric: str, query: FigureQuery) -> Select[Any]:
    slice_ = [getattr(RollupCell, name) for name in _SLICE]
    return select(*slice_, RollupCell.day, RollupCell.value, RollupCell.n, RollupCell.nameless).where(
        RollupCell.survey_kind == query.kind,
        RollupCell.basis == query.basis,
        RollupCell.metric == metric,
        or_(*(_in_span(span) for span in spans(query))),
    )


def _of_facts(facts: Select[Any], metric: str, query: FigureQuery, sign: int) -> Select[Any]:
    columns = facts.subquery().c
    day = columns.response_day if query.basis == "response" else columns.interaction_day
    nameless = sign * cast(columns.is_nameless, Integer)
    found = select(*(columns[name] for name in _SLICE), day.label("day"), columns[metric].label("value"),
                   literal(sign).label("n"), nameless.label("nameless"))  # fmt: skip
    found = found.where(columns.survey_kind == query.kind, columns[metric].is_not(None))
    if query.first is not None:
        found = found.where(day >= query.first)
    return found.where(day <= query.last) if query.last is not None else found


def _in_span(span: Span) -> ColumnElement[bool]:
    bounds = [RollupCell.grain == span.grain]
    if span.first is not None:
        bounds.append(RollupCell.day >= span.first)
    if span.after is not None:
        bounds.append(RollupCell.day < span.after)
    return and_(*bounds)


def _day(instant: Any, zone: str) -> ColumnElement[Any]:
    return cast(func.timezone(zone, instant), Date)
