"""Making and changing outreach rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import count
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.journeys.models import Touchpoint
from app.kernel import clock, scope
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Fault, Invalid
from app.kernel.ids import new_id
from app.kernel.inserts import insert_if_new
from app.kernel.naming import is_key, key_from
from app.surveys.design.models import Survey
from app.surveys.design.queries import find_survey_by_key
from app.surveys.outreach import queries
from app.surveys.outreach.models import OutreachRule, OutreachRuleTouchpoint
from app.surveys.outreach.setup_rules import KINDS, RuleInput, rule_faults
from app.tenants import audit

_COLUMNS = (
    "channel",
    "delay_minutes",
    "sample_percent",
    "expires_after_days",
    "quiet_hours",
    "min_gap_days",
    "is_active",
)


def put_rule(key: str, given: RuleInput) -> tuple[OutreachRule, bool]:
    """Make the rule with this key, or change it to this; returns it and whether it is new.

    What was decided before stays as it was. Raises Invalid with a pointer for each bad value.
    """
    with atomic():
        survey, touchpoints = _check(key, given)
        given = replace(given, touchpoints=tuple(sorted(set(given.touchpoints))))
        rule = queries.find_rule_by_key(key, lock=True)
        is_new = rule is None
        rule = rule or _insert(key, given, survey)
        if rule is None:
            # Somebody else has made it since we looked.
            return put_rule(key, given)
        before = None if is_new else asdict(as_input(queries.get_rule_by_key(key)))
        _write(rule, given, survey, touchpoints)
        if before != asdict(given):
            action = "outreach_rule.created" if is_new else "outreach_rule.changed"
            audit.record(action, "outreach_rule", key, before=before, after=asdict(given))
    return rule, is_new


def add_rule(given: RuleInput, key: str = "") -> OutreachRule:
    """Make a new rule; without a key it gets one made from its survey's.

    Raises Conflict when the key is taken, Invalid as `put_rule`.
    """
    with atomic():
        if key and queries.find_rule_by_key(key) is not None:
            raise Conflict("There is a rule with this key already.", [Fault("/key", "This key is taken.")])
        return put_rule(key or _free_key(given.survey), given)[0]


def _free_key(name: str) -> str:
    tries = (key_from(name, "rule", attempt) for attempt in count(1))
    return next(key for key in tries if queries.find_rule_by_key(key) is None)


def as_input(rule: OutreachRule) -> RuleInput:
    """A rule in the shape in which it is sent."""
    values: dict[str, Any] = {name: getattr(rule, name) for name in _COLUMNS}
    keys = sorted(link.touchpoint.key for link in rule.touchpoint_links)
    return RuleInput(touchpoints=tuple(keys), survey=rule.survey.key, **values)


def _check(key: str, given: RuleInput) -> tuple[Survey, list[Touchpoint]]:
    faults = rule_faults(given)
    if not is_key(key):
        faults.append(Fault("/key", "A key has 1 to 64 of the characters a-z, 0-9, _ and -."))
    survey = find_survey_by_key(given.survey)
    if survey is None:
        faults.append(Fault("/survey", "There is no survey with this key."))
    elif survey.kind not in KINDS:
        faults.append(Fault("/survey", f"A survey of the kind {survey.kind} is not asked after an interaction."))
    found = queries.touchpoints_by_key(given.touchpoints)
    faults += [
        Fault(f"/touchpoints/{place}", "There is no touchpoint with this key.")
        for place, name in enumerate(given.touchpoints)
        if name not in found
    ]
    if faults or survey is None:
        raise Invalid("The rule cannot be taken as it stands.", faults)
    return survey, list(found.values())


def _insert(key: str, given: RuleInput, survey: Survey) -> OutreachRule | None:
    now, columns = clock.now(), {name: getattr(given, name) for name in _COLUMNS}
    return insert_if_new(OutreachRule, key=key, survey_id=survey.id, created_at=now, updated_at=now, **columns)


def _write(rule: OutreachRule, given: RuleInput, survey: Survey, touchpoints: Sequence[Touchpoint]) -> None:
    for name in _COLUMNS:
        setattr(rule, name, getattr(given, name))
    rule.survey_id, rule.updated_at = survey.id, clock.now()
    wanted = {touchpoint.id for touchpoint in touchpoints}
    link = OutreachRuleTouchpoint
    db.session.execute(delete(link).where(link.rule_id == rule.id, link.touchpoint_id.not_in(wanted)))
    rows = [
        {"tenant_id": scope.tenant_id(), "id": new_id(), "rule_id": rule.id, "touchpoint_id": touchpoint_id}
        for touchpoint_id in wanted
    ]
    db.session.execute(insert(link).values(rows).on_conflict_do_nothing())
    db.session.flush()
    db.session.expire(rule, ["touchpoint_links", "survey"])
