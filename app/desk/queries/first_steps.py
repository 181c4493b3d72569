"""How far a new tenant has come: its survey, the newest test and its answer, and whether a customer has answered."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.kernel.db import db
from app.surveys.answering.models import Response
from app.surveys.design.models import Survey
from app.surveys.outreach.models import Invitation


@dataclass(frozen=True)
class FirstSteps:
    """What there is of each step; `answer` is that to `test`."""

    survey: Survey | None
    test: Invitation | None
    answer: Response | None
    has_customers_answer: bool

    @property
    def is_waiting(self) -> bool:
        """Whether something is about to happen that the page should show by itself."""
        return self.survey is not None and not (self.answer and self.answer.status == "completed")


def first_steps() -> FirstSteps:
    """The state of the steps, in three statements."""
    asked = Survey.last_version > 0, Survey.closed_at.is_(None), Survey.kind != "follow_up"
    survey = db.session.scalar(select(Survey).where(*asked).order_by(Survey.created_at, Survey.id).limit(1))
    query = (
        select(Invitation, Response)
        .outerjoin(Response, (Response.tenant_id == Invitation.tenant_id) & (Response.invitation_id == Invitation.id))
        .where(Invitation.purpose == "test")
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
        .limit(1)
    )
    test, answer = db.session.execute(query).first() or (None, None)
    return FirstSteps(survey, test, answer, has_answers())


def has_answers() -> bool:
    """Whether any customer has answered; tests do not count."""
    return db.session.scalar(select(Response.id).where(Response.parked_at.is_(None)).limit(1)) is not None
