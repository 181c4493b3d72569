"""Interactions, outreach rules and invitations for tests."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from app.journeys.queries import find_touchpoint_by_key
from app.kernel import clock
from app.kernel.db import db
from app.surveys.design.queries import find_survey_by_key
from app.surveys.outreach import service
from app.surveys.outreach.intake_rules import NewInteraction
from app.surveys.outreach.models import Interaction, Invitation, OutreachRule
from app.surveys.outreach.setup_rules import RuleInput
from tests.factories.customers import new_customer
from tests.factories.journeys import make_touchpoint
from tests.factories.surveys import make_version

_count = itertools.count(1)


def make_rule(
    key: str = "", *, touchpoint: str = "delivery", survey: str = "delivery-nps", **facts: Any
) -> OutreachRule:
    """A rule that asks at once, at any hour; its touchpoint and published survey are made when they are not there."""
    if find_touchpoint_by_key(touchpoint) is None:
        make_touchpoint(touchpoint)
    if find_survey_by_key(survey) is None:
        make_version(survey)
    usual: dict[str, Any] = {"quiet_hours": False}
    given = RuleInput(touchpoints=(touchpoint,), survey=survey, **(usual | facts))
    return service.put_rule(key or f"rule-{next(_count)}", given)[0]


def new_interaction(id: str | None = None, *, email: str = "", **facts: Any) -> NewInteraction:
    """A delivery of a minute ago, by somebody of their own when no address is given."""
    usual: dict[str, Any] = {
        "id": f"order-{next(_count)}:delivery" if id is None else id,
        "touchpoint": "delivery",
        "occurred_at": clock.now() - timedelta(minutes=1),
        "customer": new_customer(email),
    }
    return NewInteraction(**(usual | facts))


def make_interaction(id: str | None = None, *, email: str = "", **facts: Any) -> Interaction:
    """An interaction that has arrived, at a touchpoint that is made when it is not there."""
    given = new_interaction(id, email=email, **facts)
    if find_touchpoint_by_key(given.touchpoint) is None:
        make_touchpoint(given.touchpoint)
    return service.record_interaction(given)[0]


def make_invitation(email: str = "", *, occurred_at: datetime | None = None, **rule: Any) -> Invitation:
    """A scheduled invitation by a rule of its own."""
    facts = {"occurred_at": occurred_at} if occurred_at else {}
    key = f"rule-{next(_count)}"
    made = make_rule(key, touchpoint=key, **rule)
    interaction = make_interaction(email=email, touchpoint=key, **facts)
    return db.session.query(Invitation).filter_by(interaction_id=interaction.id, rule_id=made.id).one()
