"""What this month's card counts for a partner, and the praise below it. Read in the partner's own scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from app.insights.figures.queries import Counted
from app.insights.figures.rules import FigureQuery
from app.kernel.days import day_in, midnight
from app.kernel.db import db
from app.loop.cases.models import Case
from app.metrics.figures import METRICS
from app.metrics.share import Share
from app.partners.queries import targets_in_force
from app.partners.rules import Target
from app.portal.month_rules import Answers, Month, leading, may_quote, month_before, month_of
from app.portal.queries import KIND, my_id
from app.surveys.answering.models import Response
from app.surveys.answering.queries import is_kept
from app.surveys.outreach.models import Interaction

MOST_PRAISE = 3
PROMOTER_FROM = 9


@dataclass(frozen=True)
class Card:
    """This month so far, in five lines, and what promoters said last. `late` is None where nothing was measured; the
    targets are those of the month, by measure."""

    month: Month
    late: Share | None
    contacted: Share
    praise: list[Response]
    targets: Mapping[str, Target]


def card(now: datetime, zone: str) -> Card:
    """The partner's card of the month that `now` is in, in days of the tenant's zone."""
    first = day_in(now, ZoneInfo(zone)).replace(day=1)
    answers = _answers(first)
    metric = leading(answers, METRICS)
    month = month_of(first, metric, answers[metric] if metric else Answers())
    since = midnight(first, ZoneInfo(zone))
    nameless = sum(answers["nps"].nameless.values()) if "nps" in answers else 0
    praise = _praise(with_nameless=may_quote(nameless))
    return Card(month, _late(since), _contacted(since, now), praise, _targets(first))


def _targets(first: date) -> Mapping[str, Target]:
    """What is agreed with the partner for the month that begins then, by measure."""
    return {target.measure: target for target in targets_in_force(f"{first:%Y-%m}", my_id()).get(my_id(), [])}


def _answers(first: date) -> Mapping[str, Answers]:
    """The answers of every metric by period, in one statement. Whole months suffice, so that few rows are read."""
    counted, parts = Counted.now(), []
    for metric in METRICS:
        found = counted.of(metric, FigureQuery(kind=KIND)).c
        period = case((found.day >= first, "now"), (found.day >= month_before(first), "before"), else_="rest")
        many = func.sum(found.n)
        part = select(literal(metric), period, found.value, many, func.sum(found.nameless))
        parts.append(part.where(found.partner_id == my_id()).group_by(period, found.value).having(many > 0))
    answers: dict[str, Answers] = defaultdict(Answers)
    for name, when, value, n, nameless in db.session.execute(union_all(*parts)):
        answers[name].add(when, value, int(n), int(nameless))
    return answers


def _late(since: datetime) -> Share | None:
    """Of what was delivered since then and has a measured delay: what came late."""
    delay = Interaction.measures["late_days"].as_float()
    query = select(func.count().filter(delay > 0), func.count()).where(
        Interaction.partner_id == my_id(), Interaction.occurred_at >= since, delay.is_not(None)
    )
    found = Share(*db.session.execute(query).one())
    return found if found.n else None


def _contacted(since: datetime, now: datetime) -> Share:
    """Of the cases opened since then whose customers had to be reached by now, or were: those reached in time."""
    in_time = Case.first_contact_at <= Case.first_contact_due_at
    is_decided = or_(Case.first_contact_at.is_not(None), Case.first_contact_due_at < now)
    is_counted = and_(Case.partner_id == my_id(), Case.opened_at >= since, Case.is_historic.is_(False), is_decided)
    query = select(func.count().filter(in_time), func.count()).select_from(Case).where(is_counted)
    return Share(*db.session.execute(query).one())


def _praise(*, with_nameless: bool) -> list[Response]:
    """What promoters wrote last, redacted; of people whom nobody knows only where they are many."""
    query = select(Response).where(
        Response.partner_id == my_id(),
        Response.nps >= PROMOTER_FROM,
        Response.comment_redacted.is_not(None),
        Response.survey_kind == KIND,
        is_kept(),
        Response.status == "completed",
    )
    if not with_nameless:
        query = query.where(Response.customer_id.is_not(None))
    newest = query.order_by(Response.answered_at.desc(), Response.id).limit(MOST_PRAISE)
    return list(db.session.scalars(newest.options(joinedload(Response.touchpoint))))
