"""What a scorecard counts, straight from responses, interactions and cases: a few grouped statements for one partner or
for all of them.

They run as staff and in a partner's own scope, so they touch nothing that a partner may not read; only whether a survey
is anonymous is known to staff alone, and for a partner every answer without a customer counts as such.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Numeric, and_, cast, func, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.insights.scorecards.rules.facts import MOST_WORDS, Answers, CaseFacts, Facts, Measure, Words
from app.insights.scorecards.rules.network import STRATUM_ATTRIBUTES, Cells, stratum_attribute
from app.insights.scorecards.rules.periods import Month
from app.journeys.models import Touchpoint
from app.kernel import scope
from app.kernel.days import day_in
from app.kernel.db import db
from app.loop.cases.models import Case
from app.metrics.figures import METRICS
from app.surveys.answering.models import Response
from app.surveys.answering.queries import counts, is_kept
from app.surveys.design.models import Survey
from app.surveys.outreach.models import Interaction

KIND = "transactional"
"""The kind of survey that partners are measured by; kinds never mix."""

_WHEN = func.coalesce(Response.occurred_at, Response.answered_at)
"""Scorecards count by the day of the interaction; a response without one has only its own."""


def gather(month: Month, zone: ZoneInfo, partner_id: UUID | None = None) -> dict[UUID, Facts]:
    """What was counted in the month, by partner: of one, or of all that have anything in it."""
    found: dict[UUID, Facts] = defaultdict(Facts)
    nameless = _nameless()
    for metric in METRICS:
        _add_answers(found, metric, month, zone, partner_id, nameless)
    _add_words(found, month, zone, partner_id, nameless)
    _add_measures(found, month, zone, partner_id)
    _add_cases(found, month, zone, partner_id)
    return dict(found)


def gather_network(month: Month, zone: ZoneInfo) -> tuple[dict[str, Cells], dict[str, dict[str, int]], list[str]]:
    """(answers by metric, partner, stratum and value; anonymous ones by metric and partner; what strata are made of).

    For staff: a partner's scope would find itself alone.
    """
    attribute, nameless = _stratum_attribute(month, zone), _nameless()
    cells: dict[str, Cells] = {}
    anonymous: dict[str, dict[str, int]] = {}
    for metric in METRICS:
        rows = db.session.execute(_cells(metric, month, zone, attribute, nameless)).all()
        if rows:
            cells[metric], anonymous[metric] = _sorted_into_cells(rows)
    return cells, anonymous, ["touchpoint", attribute] if attribute else ["touchpoint"]


def newest_moment(partner_id: UUID) -> datetime | None:
    """When the partner was last answered about; None when it never was."""
    return db.session.scalar(select(func.max(_WHEN)).where(Response.partner_id == partner_id, _is_kept()))


def past_months(before: Month, zone: ZoneInfo, received_before: datetime) -> list[str]:
    """The months before this one with answers about a partner, all of them received by then, the oldest first."""
    month = _month(zone)
    query = select(month).where(Response.partner_id.is_not(None), _is_kept(), before.bounds(zone)[0] > _WHEN)
    settled = func.max(Response.received_at) <= received_before
    return list(db.session.scalars(query.group_by(month).having(settled).order_by(month)))


def _nameless() -> ColumnElement[bool]:
    if scope.partner_id() is not None:
        return Response.customer_id.is_(None)
    return Response.survey_id.in_(list(db.session.scalars(select(Survey.id).where(Survey.is_anonymous))))


def _whose(column: InstrumentedAttribute[Any], partner_id: UUID | None) -> ColumnElement[bool]:
    return column == partner_id if partner_id else column.is_not(None)


def _is_kept() -> ColumnElement[bool]:
    return and_(is_kept(), Response.survey_kind == KIND)


def _month(zone: ZoneInfo) -> ColumnElement[str]:
    return func.to_char(func.timezone(zone.key, _WHEN), "YYYY-MM").label("month")


def _within(when: ColumnElement[Any], first: Month, last: Month, zone: ZoneInfo) -> ColumnElement[bool]:
    return and_(when >= first.bounds(zone)[0], when < last.bounds(zone)[1])


def _add_answers(
    found: dict[UUID, Facts], metric: str, month: Month, zone: ZoneInfo, partner_id: UUID | None, nameless: Any
) -> None:
    value, by_month = getattr(Response, metric), _month(zone)
    query = (
        select(Response.partner_id, by_month, value, func.count(), func.count().filter(nameless))
        .where(_whose(Response.partner_id, partner_id), Response.survey_kind == KIND, counts(metric))
        .where(_within(_WHEN, month.plus(-12), month, zone))
        .group_by(Response.partner_id, by_month, value)
    )
    for who, in_month, answer, count, unnamed in db.session.execute(query):
        answers = found[who].answers.setdefault((metric, in_month), Answers())
        answers.by_value[answer] = count
        answers.anonymous += unnamed


def _add_words(found: dict[UUID, Facts], month: Month, zone: ZoneInfo, partner_id: UUID | None, nameless: Any) -> None:
    who, by_time = Response.partner_id, (_WHEN.desc(), Response.id.desc())
    newest = func.row_number().over(partition_by=who, order_by=by_time).label("newest")
    scores = [getattr(Response, metric) for metric in METRICS if metric != "emotion"]
    inner = (
        select(
            Response.partner_id,
            _WHEN.label("at"),
            Response.comment_redacted,
            Response.locale,
            Touchpoint.name.label("touchpoint"),
            newest,
            func.count().over(partition_by=who).label("all"),
            func.count().filter(nameless).over(partition_by=who).label("unnamed"),
            *scores,
        )
        .outerjoin(
            Touchpoint, and_(Touchpoint.id == Response.touchpoint_id, Touchpoint.tenant_id == Response.tenant_id)
        )
        .where(_whose(Response.partner_id, partner_id), _is_kept(), _within(_WHEN, month, month, zone))
        .where(Response.comment_redacted.is_not(None), Response.comment_redacted != "")
        .subquery()
    )
    for row in db.session.execute(select(inner).where(inner.c.newest <= MOST_WORDS).order_by(inner.c.newest)):
        facts = found[row.partner_id]
        facts.word_count, facts.anonymous_words = row.all, row.unnamed
        given = {metric: getattr(row, metric) for metric in METRICS if getattr(row, metric, None) is not None}
        on = day_in(row.at, zone)
        facts.words.append(Words(on, row.comment_redacted, row.locale, row.touchpoint, given))


def _add_measures(found: dict[UUID, Facts], month: Month, zone: ZoneInfo, partner_id: UUID | None) -> None:
    each = func.jsonb_each_text(Interaction.measures).table_valued("key", "value", name="each_measure")
    value = cast(each.c.value, Numeric)
    query = (
        select(
            Interaction.partner_id,
            each.c.key,
            func.count(),
            func.sum(value),
            func.sum(value * value),
            func.count().filter(value > 0),
            func.bool_and(value.in_([0, 1])),
        )
        .join(each, true())
        .where(_whose(Interaction.partner_id, partner_id))
        .where(_within(Interaction.occurred_at.expression, month, month, zone))
        .group_by(Interaction.partner_id, each.c.key)
    )
    for who, key, n, total, squares, above_zero, is_yes_or_no in db.session.execute(query):
        found[who].measures.append(Measure(key, n, float(total), float(squares), above_zero, is_yes_or_no))


def _add_cases(found: dict[UUID, Facts], month: Month, zone: ZoneInfo, partner_id: UUID | None) -> None:
    query = select(
        Case.partner_id,
        Case.is_historic,
        Case.opened_at,
        Case.first_contact_due_at,
        Case.first_contact_at,
        Case.resolution_due_at,
        Case.resolved_at,
        Case.closed_at,
    ).where(_whose(Case.partner_id, partner_id), _within(Case.opened_at.expression, month, month, zone))
    for row in db.session.execute(query.order_by(Case.opened_at, Case.number)):
        found[row.partner_id].cases.append(CaseFacts(*row[1:]))


def _stratum_attribute(month: Month, zone: ZoneInfo) -> str | None:
    carrying = [func.count().filter(Interaction.attributes.has_key(name)) for name in STRATUM_ATTRIBUTES]
    query = (
        select(func.count(), *carrying)
        .select_from(Response)
        .outerjoin(Interaction, _its_interaction())
        .where(Response.partner_id.is_not(None), _is_kept(), _within(_WHEN, month, month, zone))
    )
    answers, *counts = db.session.execute(query).one()
    return stratum_attribute(dict(zip(STRATUM_ATTRIBUTES, counts, strict=True)), answers)


def _cells(metric: str, month: Month, zone: ZoneInfo, attribute: str | None, nameless: Any) -> Any:
    value = getattr(Response, metric)
    kind = Interaction.attributes[attribute or ""].astext.label("kind")
    return (
        select(Response.partner_id, Response.touchpoint_id, kind, value, func.count(), func.count().filter(nameless))
        .outerjoin(Interaction, _its_interaction())
        .where(Response.partner_id.is_not(None), Response.survey_kind == KIND, counts(metric))
        .where(_within(_WHEN, month, month, zone))
        .group_by(Response.partner_id, Response.touchpoint_id, kind, value)
    )


def _its_interaction() -> ColumnElement[bool]:
    return and_(Interaction.id == Response.interaction_id, Interaction.tenant_id == Response.tenant_id)


def _sorted_into_cells(rows: Iterable[Any]) -> tuple[Cells, dict[str, int]]:
    cells: Cells = defaultdict(lambda: defaultdict(dict))
    anonymous: dict[str, int] = defaultdict(int)
    for partner_id, touchpoint_id, kind, value, count, unnamed in rows:
        who = str(partner_id)
        cells[who][f"{touchpoint_id}:{kind or ''}"][value] = count
        anonymous[who] += unnamed
    return {who: dict(strata) for who, strata in sorted(cells.items())}, dict(anonymous)
