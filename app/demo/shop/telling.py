"""Telling the shop's year through the rooms' verbs: its set-up, what happened month by month, the work on its cases.

`chapters` is the one entry. Each chapter runs inside a transaction and in the scope of the tenant that it fills. The
set-up comes first and the scorecards last; the months between them may come in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from random import Random
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.demo.shop import agreements, casework, setting
from app.demo.shop.scene import Scene, beginning
from app.demo.shop.setting import ADMIN, JUN
from app.demo.shop.surveys import SURVEYS, asked_at, branded
from app.demo.shop.today import OpenCase, open_cases
from app.demo.shop.year import INCIDENT, Happening
from app.insights.scorecards.rules.periods import month_of
from app.insights.scorecards.service import close_month, plan_months
from app.journeys.rules import StageInput, TouchpointInput
from app.journeys.service import add_journey, edit_journey, put_department, put_touchpoint
from app.kernel import clock, scope
from app.kernel.db import db
from app.kernel.ids import new_id
from app.kernel.naming import key_from
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
from app.tenants.models import TenantCounter

_CASES_SEED = 4_711

Progress = Callable[[int, int], None]
"""Called with how many months of four weeks are told, and how many there are."""


Chapter = Callable[[], None]


@dataclass(frozen=True)
class Story:
    """The chapters: `months` the oldest first, `today` what is open and who is asked from now on."""

    opening: Chapter
    months: list[Chapter]
    today: Chapter
    closing: Chapter


def chapters(scene: Scene) -> Story:
    """The story of the year that ends with `scene.now`."""
    months: list[Chapter] = [partial(_tell_month, scene, since, until) for since, until in scene.months()]
    return Story(partial(_open, scene), months, partial(_tell_today, scene), partial(_close_months, scene))


def tell(scene: Scene, progress: Progress) -> None:
    """Tell all of it in one go, as it happened."""
    story = chapters(scene)
    story.opening()
    for month, chapter in enumerate(story.months, start=1):
        chapter()
        progress(month, len(story.months))
    story.today()
    story.closing()


def _open(scene: Scene) -> None:
    with clock.as_of(beginning(scene.now)), acting(scene.team[ADMIN.name]):
        _set_up(scene)
        _agree(scene)


def _tell_month(scene: Scene, since: datetime, until: datetime) -> None:
    with clock.as_of(until):
        record_history([_interaction(one, True) for one in scene.year if since <= one.at < until])
        answered = [one for one in scene.year if one.said and since <= one.said.at < until]
        _number_cases_from(scene, since, until)
        opened = _submit(answered)
    for case, bad in opened:
        # What is drawn hangs on the case alone, not on which month was told before.
        draw = Random(f"{_CASES_SEED} {bad.id}")
        _work(case, casework.plan(draw, bad, _is_incident(bad, scene.now), scene.now, scene.zone), scene.team)


def _tell_today(scene: Scene) -> None:
    _number_cases_from(scene, scene.now, scene.now)
    for one in open_cases(scene.now, scene.zone):
        _leave_open(one, scene.team[JUN.name])
    with clock.as_of(beginning(scene.now)), acting(scene.team[ADMIN.name]):
        _ask_from_now_on()


def _number_cases_from(scene: Scene, since: datetime, until: datetime) -> None:
    """Let the cases of a month have the numbers that they would have if all before it were told."""
    before = sum(one.is_bad for one in scene.year if one.said and one.said.at < since)
    after = sum(one.is_bad for one in scene.year if one.said and one.said.at < until)
    theirs = (Case.number > before) & (Case.number <= max(after, before + 1))
    if db.session.scalar(select(Case.id).where(theirs).limit(1)) is None:
        _set_counter(before)
    else:
        # Somebody has opened a case meanwhile: then these come behind it.
        _set_counter(db.session.scalar(select(func.max(Case.number))) or 0)


def _set_counter(value: int) -> None:
    row = {"tenant_id": scope.tenant_id(), "id": new_id(), "name": "case", "value": value}
    ours = [TenantCounter.tenant_id, TenantCounter.name]
    db.session.execute(
        insert(TenantCounter).values(row).on_conflict_do_update(index_elements=ours, set_={"value": value})
    )


def _set_up(scene: Scene) -> None:
    for key, (name, layer) in setting.DEPARTMENTS.items():
        put_department(key, scene.say(name), layer)
    add_journey(setting.JOURNEY_NAME, setting.STAGES, setting.JOURNEY)
    # The stages get their keys from their names in English.
    stages = [StageInput(scene.say(name), key_from(name, "stage")) for name in setting.STAGES]
    edit_journey(setting.JOURNEY, scene.say(setting.JOURNEY_NAME), stages)
    for place in setting.PLACES:
        named = TouchpointInput(scene.say(place.name), setting.JOURNEY, place.stage, place.channel)
        owned = replace(named, department=place.department, partner=place.partner)
        put_touchpoint(place.key, replace(owned, desired_emotion=place.emotion))
    for survey in SURVEYS:
        definition = branded(survey.definition, scene.brand) | {"default_locale": scene.language}
        save_draft(survey.key, scene.say(survey.name), "transactional", False, definition)
        publish_survey(survey.key)


def _agree(scene: Scene) -> None:
    """What the partners are held to, from the first day on."""
    for key, target in agreements.targets(clock.now().astimezone(scene.zone).date()):
        set_target(key, replace(target, method=scene.say(target.method)))


def _close_months(scene: Scene) -> None:
    """The scorecards of the months that are over, each closed on its day; what is left is closed by its job."""
    _set_counter(db.session.scalar(select(func.max(Case.number))) or 0)
    plan_months()
    now, zone = scene.now, scene.zone
    month = month_of(beginning(now), zone)
    while month.closes_at(zone) <= now:
        with clock.as_of(month.closes_at(zone)):
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
        with clock.as_of(step.at), acting(team[step.by.name]):
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
