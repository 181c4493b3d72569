"""What the admin's home shows: is everything running, what to look at, what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from app.delivery.queries import count_by_state
from app.delivery.webhooks.queries import count_troubles
from app.journeys.queries import count_touchpoints
from app.kernel import clock
from app.kernel.db import db
from app.loop.cases.models import Case, CaseAlarm
from app.loop.cases.rules import OPEN
from app.surveys.answering.models import Response
from app.surveys.design.models import Survey
from app.surveys.outreach.models import OutreachDecision, OutreachRule
from app.tenants.models import AuditEvent

DAY, WEEK = timedelta(days=1), timedelta(days=7)

WISHED_FOR = ("not_sampled", "historic")
"""Reasons to skip that the tenant chose: nothing to look at."""

FEWEST_DECISIONS = 20
"""Below this many decisions in a week, a rule that skips most of them says nothing yet."""

EVERYDAY = ("case", "customer", "response", "guide")
"""Subjects of the audit that are the day's work, not a change of how things are set up."""

MOST_CHANGES = 5


@dataclass(frozen=True)
class SkippingRule:
    """A rule that asked about less than half of the interactions of the last seven days."""

    key: str
    decided: int
    skipped: int


@dataclass(frozen=True)
class Overview:
    """Counts of the last 24 hours and of what is open now, what to look at, and the last changes of the set-up."""

    sent: int
    answered: int
    open_cases: int
    late_cases: int
    alarms: int
    uncertain: int
    failed: int
    troubled_webhooks: int
    ownerless_touchpoints: int
    touchpoints: int
    published_surveys: int
    active_rules: int
    skipping_rules: Sequence[SkippingRule]
    changes: Sequence[AuditEvent]

    @property
    def is_new(self) -> bool:
        """Whether nothing was set up yet, so that the page teaches instead of counting."""
        return not (self.touchpoints and self.published_surveys and self.active_rules)

    @property
    def needs_somebody(self) -> bool:
        """Whether there is anything to look at."""
        mails = (self.failed, self.uncertain)
        return any((self.alarms, *mails, self.troubled_webhooks, self.ownerless_touchpoints, self.skipping_rules))


def overview() -> Overview:
    """The admin's overview, in as many statements for a large tenant as for a small one."""
    now = clock.now()
    states = count_by_state(now - DAY)
    open_cases, late_cases = _case_counts(now)
    touchpoints, without_owner = count_touchpoints()
    return Overview(
        sent=states.get("sent", 0),
        answered=_count(Response, Response.received_at >= now - DAY, Response.is_historic.is_(False)),
        open_cases=open_cases,
        late_cases=late_cases,
        alarms=_count(CaseAlarm, CaseAlarm.settled_at.is_(None)),
        uncertain=states.get("uncertain", 0),
        failed=states.get("failed", 0),
        troubled_webhooks=count_troubles(),
        ownerless_touchpoints=without_owner,
        touchpoints=touchpoints,
        published_surveys=_count(Survey, Survey.last_version > 0, Survey.closed_at.is_(None)),
        active_rules=_count(OutreachRule, OutreachRule.is_active.is_(True)),
        skipping_rules=_skipping_rules(now - WEEK),
        changes=_changes(),
    )


def _count(model: type, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(model).where(*conditions)
    return db.session.scalar(query) or 0


def _case_counts(now: datetime) -> tuple[int, int]:
    is_late = Case.next_due_at < now
    query = select(func.count(), func.count().filter(is_late)).select_from(Case)
    row = db.session.execute(query.where(Case.is_historic.is_(False), Case.status.in_(OPEN))).one()
    return row[0], row[1]


def _skipping_rules(since: datetime) -> list[SkippingRule]:
    decided = func.count()
    skipped = decided.filter(OutreachDecision.reason.is_not(None))
    query = (
        select(OutreachRule.key, decided, skipped)
        .join(OutreachDecision, OutreachDecision.rule_id == OutreachRule.id)
        .where(
            OutreachRule.is_active,
            OutreachDecision.decided_at >= since,
            func.coalesce(OutreachDecision.reason, "").not_in(WISHED_FOR),
        )
        .group_by(OutreachRule.key)
        .having(decided >= FEWEST_DECISIONS, skipped * 2 > decided)
        .order_by(OutreachRule.key)
    )
    return [SkippingRule(*row) for row in db.session.execute(query)]


def _changes() -> list[AuditEvent]:
    query = select(AuditEvent).where(AuditEvent.subject_type.not_in(EVERYDAY))
    return list(db.session.scalars(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(MOST_CHANGES)))
