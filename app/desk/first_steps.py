"""The first steps of a tenant: one form makes all that a first survey needs, and sends it to whoever works here."""

from __future__ import annotations

from dataclasses import dataclass

from app.desk.queries import first_steps as queries
from app.journeys.queries import count_touchpoints
from app.journeys.rules import TouchpointInput
from app.journeys.service import add_department, add_touchpoint
from app.kernel.db import atomic
from app.kernel.errors import Conflict
from app.surveys.design.service import SurveyFacts, add_survey, publish
from app.surveys.design.starters import starter
from app.surveys.outreach.service import add_rule, invite_tester
from app.surveys.outreach.setup_rules import RuleInput
from app.tenants import queries as tenants


@dataclass(frozen=True)
class Occasion:
    """A moment that many firms ask about first: where it stands on a journey, and which question suits it."""

    journey: str
    stage: str
    channel: str
    question: str


OCCASIONS = {
    "delivery": Occasion("purchase", "delivery", "delivery", "nps"),
    "shop": Occasion("purchase", "shop", "store", "csat"),
    "support": Occasion("service", "support", "phone", "ces"),
    "online": Occasion("purchase", "order", "web", "csat"),
}


@dataclass(frozen=True)
class FirstTouchpoint:
    """What the form asks: `occasion` is a key of OCCASIONS, `team` who answers for it."""

    occasion: str
    name: str
    team: str


def begin_asking(given: FirstTouchpoint, brand: str, default_locale: str) -> str:
    """Make the touchpoint, who answers for it, a published survey with an open link and the rule that asks by mail
    after each interaction; returns the survey's key.

    Raises Conflict when there is a touchpoint already (the form was sent twice), and Invalid for a bad name.
    """
    what = OCCASIONS[given.occasion]
    with atomic():
        # Two at the same moment: the second waits here and finds what the first has made.
        tenants.lock_settings()
        if count_touchpoints()[0]:
            raise Conflict("There is a touchpoint already.")
        department = add_department(given.team, "frontline")
        place = TouchpointInput(given.name, what.journey, what.stage, what.channel, department=department.key)
        touchpoint = add_touchpoint(place)
        facts = SurveyFacts(given.name, has_open_link=True)
        survey = add_survey(facts, starter(what.question, brand, default_locale))
        publish(survey.key)
        add_rule(RuleInput((touchpoint.key,), survey.key))
        return survey.key


def send_to_me(email: str, name: str, locale: str) -> None:
    """Send the first survey to this person as a test. Raises Conflict when there is none that asks anybody."""
    survey = queries.first_steps().survey
    if survey is None:
        raise Conflict("There is no survey to send yet.")
    invite_tester(survey.key, email, name, locale)
