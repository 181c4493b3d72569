"""What a partner sees: a case, its figures, its touchpoints; its lists of cases stand in case_queries.py.

Everything is read in the partner's own scope, so that the database itself gives no row of anybody else's; each query
names the partner besides. Surveys, customers, raw answers and what the tenant's people write are no rows of a partner.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from app.insights.figures.queries import Counted
from app.insights.figures.rules import FigureQuery, FigureRow, Tally, compute
from app.journeys.models import Stage, Touchpoint
from app.kernel import scope
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.loop.cases.models import Case
from app.loop.cases.queries import HIGHEST_NUMBER
from app.partners.models import Partner
from app.portal.rules import withheld
from app.surveys.answering.models import Response

KIND = "transactional"
"""The kind of survey a partner is measured by; kinds never mix."""


@dataclass(frozen=True)
class Measured:
    """One metric of a partner: all answers, by touchpoint, and the touchpoints whose score is not shown."""

    total: FigureRow
    by_touchpoint: Mapping[UUID | None, FigureRow]
    withheld: frozenset[UUID | None]


def partner() -> Partner:
    """The partner whose eyes this scope has. Raises NotFound for anybody else."""
    found = db.session.scalar(select(Partner).where(Partner.id == my_id()))
    if found is None:
        raise NotFound()
    return found


def get_case(number: int) -> Case:
    """The partner's case with this number. Raises NotFound: unknown and another partner's look the same."""
    found = db.session.scalar(cases_of_mine().where(Case.number == number)) if 0 < number <= HIGHEST_NUMBER else None
    if found is None:
        raise NotFound()
    return found


def list_touchpoints(measured: Mapping[str, Measured]) -> list[Touchpoint]:
    """The touchpoints that the partner answers for, and those where it was answered about, by name."""
    ids = {touchpoint_id for one in measured.values() for touchpoint_id in one.by_touchpoint if touchpoint_id}
    query = select(Touchpoint).where(or_(Touchpoint.partner_id == my_id(), Touchpoint.id.in_(ids)))
    stage = joinedload(Touchpoint.stage).joinedload(Stage.journey)
    return list(db.session.scalars(query.options(stage).order_by(Touchpoint.name, Touchpoint.key)))


def measure(metrics: Sequence[str]) -> dict[str, Measured]:
    """The partner's figures of these metrics over all answers: the staff's figures of this partner.

    An answer that a later one about another partner has replaced leaves as soon as that is rolled up: this scope does
    not see the other one.
    """
    by_value: dict[str, dict[UUID | None, Counter[int]]] = {name: defaultdict(Counter) for name in metrics}
    without_name: dict[str, Counter[UUID | None]] = {name: Counter() for name in metrics}
    for metric, touchpoint_id, answer, count, unnamed in db.session.execute(_answers(metrics)):
        by_value[metric][touchpoint_id][answer] += int(count)
        without_name[metric][touchpoint_id] += int(unnamed)
    return {name: _measured(name, by_value[name], without_name[name]) for name in metrics}


def _answers(metrics: Sequence[str]) -> CompoundSelect[Any]:
    """(metric, touchpoint, value, answers, those of nobody known) for all metrics in one statement."""
    counted, query, parts = Counted.now(), FigureQuery(kind=KIND), []
    for metric in metrics:
        found = counted.of(metric, query).c
        many = func.sum(found.n)
        part = select(literal(metric), found.touchpoint_id, found.value, many, func.sum(found.nameless))
        parts.append(
            part.where(found.partner_id == my_id()).group_by(found.touchpoint_id, found.value).having(many > 0)
        )
    return union_all(*parts)


def _measured(metric: str, by_value: dict[UUID | None, Counter[int]], without_name: Counter[UUID | None]) -> Measured:
    rows = {key: _row(metric, values) for key, values in by_value.items()}
    hidden = withheld({key: row.figure.n for key, row in rows.items()}, without_name)
    return Measured(_row(metric, sum(by_value.values(), Counter())), rows, frozenset(hidden))


def _row(metric: str, by_value: Mapping[int, int]) -> FigureRow:
    return compute(metric, [Tally((), by_value, 0)], ())[0]


def cases_of_mine() -> Select[Case]:
    """The partner's cases, with all that a page shows of them."""
    return (
        select(Case)
        .where(Case.partner_id == my_id())
        .options(
            joinedload(Case.touchpoint),
            joinedload(Case.response).joinedload(Response.interaction),
            joinedload(Case.calendar_version),
            # The waits of a case are the tenant's: a partner reads none, and asks for them once instead of by case.
            selectinload(Case.pauses),
        )
    )


def my_id() -> UUID:
    """The id of the partner of this scope. Raises NotFound for staff, who have pages of their own."""
    found = scope.partner_id()
    if found is None:
        raise NotFound()
    return found
