"""Telling the shop's year through the rooms' verbs: its set-up, what happened month by month, the work on its cases.

`tell` is the one entry; it runs inside the transaction of `service.fill_shop`, in the tenant's scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from uuid import UUID

from app.demo.shop import agreements, casework, setting
from app.demo.shop.setting import ADMIN, JUN, PEOPLE, ZONE, Person
from app.demo.shop.surveys import SURVEYS, asked_at
from app.demo.shop.today import OpenCase, open_cases
from app.demo.shop.year import DAYS, INCIDENT, Happening, year_until
from app.insights.scorecards.rules.periods import month_of
from app.insights.scorecards.service import close_month, plan_months
from app.journeys.rules import TouchpointInput
from app.journeys.service import add_journey, put_department, put_touchpoint
from app.kernel import clock
from app.kernel.scope import Actor, acting
from app.loop.cases import service as cases
from app.loop.cases.models import Case
from app.partners.service import set_target
from app.surveys.answering.service import BySender, Submission, submit_response
from app.surveys.answering.service.history import submit_history
from app.surveys.design.service import publish as publish_survey
from app.surveys.design.service import save_draft
from app.surveys.outreach.intake_rules import NewInteraction
from app.surveys.outreach.service import put_rule
from app.surveys.outreach.service.history import record_history
from app.surveys.outreach.setup_rules import RuleInput
from app.tenants import queries as tenants

_MONTH = timedelta(days=28)
_CASES_SEED = 4_711

Progress = Callable[[int, int], None]
"""Called with how many months of four weeks are told, and how many there are."""


def beginning(now: datetime) -> datetime:
    """When the shop opened: just before its year."""
    return now - timedelta(days=DAYS + 1)


def tell(now: datetime, progress: Progress) -> None:
    """Tell the year that ends `now`."""
    year = year_until(now, ZONE)
    team = {person.email: _actor(person) for person in PEOPLE}
    with clock.as_of(beginning(now)), acting(team[ADMIN.email]):
        _set_up()
        _agree()
    draw = Random(_CASES_SEED)
    months = -(-(DAYS + 1) // _MONTH.days)
    for month in range(months):
        since, until = now - (months - month) * _MONTH, now - (months - month - 1) * _MONTH
        with clock.as_of(until):
            record_history([_interaction(one, True) for one in year if since <= one.at < until])
            answered = [one for one in year if one.said and since <= one.said.at < until]
            opened = _submit(answered)
        for case, bad in opened:
            _work(case, casework.plan(draw, bad, _is_incident(bad, now), now, ZONE), team)
        progress(month + 1, months)
    for one in open_cases(now, ZONE):
        _leave_open(one, team[JUN.email])
    with clock.as_of(beginning(now)), acting(team[ADMIN.email]):
        _ask_from_now_on()
    _close_months(now)


def _actor(person: Person) -> Actor:
    found = tenants.find_member_by_email(person.email)
    assert found is not None, "the people are let in before the year is told"
    return Actor("user", found[1].id, person.name)


def _set_up() -> None:
    for key, (name, layer) in setting.DEPARTMENTS.items():
        put_department(key, name, layer)
    add_journey("From the wish to the sofa", setting.STAGES, setting.JOURNEY)
    for place in setting.PLACES:
        named = TouchpointInput(place.name, setting.JOURNEY, place.stage, place.channel)
        owned = replace(named, department=place.department, partner=place.partner)
        put_touchpoint(place.key, replace(owned, desired_emotion=place.emotion))
    for survey in SURVEYS:
        save_draft(survey.key, survey.name, "transactional", False, survey.definition)
        publish_survey(survey.key)


def _agree() -> None:
    """What the partners are held to, from the first day on."""
    for key, target in agreements.targets(clock.now().astimezone(ZONE).date()):
        set_target(key, target)


def _close_months(now: datetime) -> None:
    """The scorecards of the months that are over, each closed on its day; what is left is closed by its job."""
    plan_months()
    month = month_of(beginning(now), ZONE)
    while month.closes_at(ZONE) <= now:
        with clock.as_of(month.closes_at(ZONE)):
            close_month(str(month))
        month = month.plus(1)


def _ask_from_now_on() -> None:
    """The rules come last: none of them has seen the history, so that nobody in it can be asked."""
    for survey in SURVEYS:
        # What the shop delivers it asks about at once, at any hour: the first walk must not wait for the morning.
        asks = RuleInput(survey.touchpoints, survey.key, delay_minutes=survey.delay_minutes,
                         quiet_hours=survey.delay_minutes > 0)  # fmt: skip
        put_rule(f"after-{survey.key}", asks)


def _interaction(one: Happening, is_historic: bool) -> NewInteraction:
    employee_id, employee_name = one.employee or (None, None)
    return NewInteraction(
        id=one.id,
        touchpoint=one.touchpoint,
        occurred_at=one.at,
        customer=one.customer,
        partner=one.partner,
        employee_id=employee_id,
        employee_name=employee_name,
        measures=one.measures,
        attributes=one.attributes,
        is_historic=is_historic,
    )


def _submit(answered: Iterable[Happening]) -> list[tuple[Case, Happening]]:
    """Store the answers of a month, survey by survey; returns the cases that the bad ones open, the oldest first."""
    bad: list[tuple[UUID, Happening]] = []
    by_survey = sorted(answered, key=lambda one: asked_at(one.touchpoint).key)
    for key, group in groupby(by_survey, lambda one: asked_at(one.touchpoint).key):
        happened = list(group)
        stored = submit_history(key, [_submission(one, True) for one in happened])
        bad += [(row.response_id, one) for row, one in zip(stored, happened, strict=True) if one.is_bad]
    opened = [(cases.open_case_for_response(response_id), one) for response_id, one in _oldest_first(bad)]
    return [(case, one) for case, one in opened if case is not None]


def _oldest_first(bad: Sequence[tuple[UUID, Happening]]) -> list[tuple[UUID, Happening]]:
    return sorted(bad, key=lambda pair: (pair[1].said.at if pair[1].said else pair[1].at, pair[1].id))


def _submission(one: Happening, is_historic: bool) -> Submission:
    assert one.said is not None
    survey = asked_at(one.touchpoint)
    given = {survey.score: survey.answer(one.said.score), "why": one.said.why, "wrong": one.said.wrong}
    sender = BySender(
        survey=survey.key,
        id=f"answer-{one.id}",
        interaction=one.id,
        touchpoint=one.touchpoint,
        answered_at=one.said.at,
        is_historic=is_historic,
        source="import" if is_historic else "api",
    )
    answers = {key: value for key, value in given.items() if value is not None}
    return Submission(way=sender, answers=answers, locale=one.customer.locale)


def _is_incident(bad: Happening, now: datetime) -> bool:
    return (now - bad.at).days in INCIDENT


def _work(case: Case, steps: Sequence[casework.Step], team: dict[str, Actor]) -> None:
    for step in steps:
        with clock.as_of(step.at), acting(team[step.by.email]):
            step.verb(case.number, **step.facts)


def _leave_open(one: OpenCase, agent: Actor) -> None:
    """A case as it stands today: it came by itself, and only what is said of it has been done."""
    said = one.happening.said
    assert said is not None and agent.id is not None
    with clock.as_of(one.happening.at):
        record_history([_interaction(one.happening, False)])
    with clock.as_of(said.at):
        case = cases.open_case_for_response(submit_response(_submission(one.happening, False)).response_id)
    assert case is not None
    taken_at = said.at + timedelta(minutes=40)
    with clock.as_of(taken_at), acting(agent):
        if one.is_taken:
            cases.assign_case(case.number, agent.id)
    with clock.as_of(taken_at + timedelta(hours=4 if one.contact else 0)), acting(agent):
        if one.contact:
            cases.record_first_contact(case.number, "phone", "reached", one.contact)
            cases.set_waiting(case.number, "customer", one.waits_for)
    if one.late_at is not None:
        # The watch over the clock would say the same a second after the load, as if it had been missed just now.
        with clock.as_of(one.late_at + timedelta(minutes=1)):
            cases.record_breach(case.id, "first_contact", case.first_contact_due_at)
