"""What the home pages show: is everything running, and what to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from app.delivery.models import Message
from app.journeys.models import Touchpoint
from app.kernel import clock
from app.kernel.db import db
from app.loop.cases.models import Case, CaseAlarm
from app.surveys.answering.models import Response
from app.surveys.design.models import Survey
from app.surveys.outreach.models import OutreachRule


@dataclass(frozen=True)
class Overview:
    """Counts of the last 24 hours and of what is open now."""

    sent: int
    answered: int
    open_cases: int
    late_cases: int
    alarms: int
    uncertain: int
    failed: int
    ownerless_touchpoints: int
    touchpoints: int
    published_surveys: int
    active_rules: int

    @property
    def is_new(self) -> bool:
        """Whether nothing was set up yet, so that the page teaches instead of counting."""
        return not (self.touchpoints and self.published_surveys and self.active_rules)


def overview() -> Overview:
    """The admin's overview, in six statements whatever the size of the tenant."""
    day_ago = clock.now() - timedelta(days=1)
    states = _message_states(day_ago)
    cases = _case_counts()
    answered = select(func.count()).select_from(Response).where(Response.received_at >= day_ago)
    ownerless = Touchpoint.department_id.is_(None) & Touchpoint.partner_id.is_(None)
    touchpoints = select(func.count(), func.count().filter(ownerless)).select_from(Touchpoint)
    all_touchpoints, without_owner = db.session.execute(touchpoints).one()
    surveys = select(func.count()).select_from(Survey).where(Survey.last_version > 0, Survey.closed_at.is_(None))
    rules = select(func.count()).select_from(OutreachRule).where(OutreachRule.is_active)
    return Overview(
        sent=states.get("sent", 0),
        answered=db.session.scalar(answered.where(Response.is_historic.is_(False))) or 0,
        open_cases=cases[0],
        late_cases=cases[1],
        alarms=_open_alarms(),
        uncertain=states.get("uncertain", 0),
        failed=states.get("failed", 0),
        ownerless_touchpoints=without_owner,
        touchpoints=all_touchpoints,
        published_surveys=db.session.scalar(surveys) or 0,
        active_rules=db.session.scalar(rules) or 0,
    )


def _message_states(since: object) -> dict[str, int]:
    query = select(Message.state, func.count()).where(Message.created_at >= since).group_by(Message.state)
    return dict(db.session.execute(query).tuples())


def _case_counts() -> tuple[int, int]:
    now = clock.now()
    open_ = Case.closed_at.is_(None) & Case.is_historic.is_(False)
    late = (Case.first_contact_at.is_(None) & (Case.first_contact_due_at < now)) | (
        Case.resolved_at.is_(None) & (Case.resolution_due_at < now)
    )
    row = db.session.execute(
        select(func.count().filter(open_), func.count().filter(open_ & late)).select_from(Case)
    ).one()
    return row[0], row[1]


def _open_alarms() -> int:
    return db.session.scalar(select(func.count()).select_from(CaseAlarm).where(CaseAlarm.settled_at.is_(None))) or 0
