"""Putting, adding and ordering touchpoints."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from app.journeys import queries
from app.journeys.events import TouchpointHandedOver
from app.journeys.models import Journey, Stage, Touchpoint
from app.journeys.rules import TouchpointInput, moved, touchpoint_faults
from app.journeys.service.shared import add_row, record_order
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.errors import Fault, Invalid
from app.kernel.events import publish
from app.kernel.inserts import find_or_insert
from app.kernel.naming import checked_key, checked_name, readable
from app.partners.queries import find_partner_by_key
from app.tenants import audit


def put_touchpoint(key: str, given: TouchpointInput) -> tuple[Touchpoint, bool]:
    """Make the touchpoint `key`, or make it as given; returns (touchpoint, whether it is new).

    Journey and stage are made when new. Raises Invalid for a bad key or name, an unknown department or partner, both
    of them at once, a bad channel or emotion.
    """
    key, given = checked_key(key), _checked(given)
    with atomic():
        facts = _facts(given)
        touchpoint, is_new = find_or_insert(
            Touchpoint,
            lambda: queries.find_touchpoint_by_key(key, lock=True),
            lambda: {"key": key, **_placed(facts)},
        )
        if is_new:
            _record_touchpoint_added(touchpoint, given)
        else:
            _change_touchpoint(touchpoint, given, facts)
        return touchpoint, is_new


def add_touchpoint(given: TouchpointInput, key: str = "") -> Touchpoint:
    """Make a new touchpoint; without `key` it gets one made from its name.

    Raises Conflict for a key that is taken, else as put_touchpoint.
    """
    given = _checked(given)
    with atomic():
        facts = _facts(given)
        touchpoint = add_row(Touchpoint, "touchpoint", facts.pop("name"), key, _placed(facts))
        _record_touchpoint_added(touchpoint, given)
        return touchpoint


def move_touchpoint(key: str, steps: int) -> Touchpoint:
    """Move a touchpoint within its stage, later by `steps` or earlier when negative. Raises NotFound."""
    with atomic():
        touchpoint = queries.get_touchpoint_by_key(key)
        others = {other.key: other for other in queries.touchpoints_of_stage(touchpoint.stage_id)}
        before = list(others)
        after = moved(before, key, steps)
        for position, other in enumerate(after):
            others[other].position = position
        if before != after:
            record_order("stage", touchpoint.stage_id, before, after)
        return touchpoint


def _checked(given: TouchpointInput) -> TouchpointInput:
    checked_key(given.journey, "/journey")
    checked_key(given.stage, "/stage")
    given = replace(given, name=checked_name(given.name))
    faults = touchpoint_faults(given)
    if faults:
        raise Invalid("The touchpoint is not acceptable.", faults)
    return given


def _facts(given: TouchpointInput) -> dict[str, Any]:
    """The columns of a touchpoint; makes journey and stage when they are new."""
    department, partner = _find_responsible(given)
    return {
        "name": given.name,
        "channel": given.channel,
        "desired_emotion": given.desired_emotion,
        "department_id": department,
        "partner_id": partner,
        "stage_id": _find_or_make_stage(given.journey, given.stage).id,
    }


def _placed(facts: dict[str, Any]) -> dict[str, Any]:
    """The columns of a new touchpoint, behind the last one of its stage."""
    position = queries.next_position(Touchpoint, Touchpoint.stage_id == facts["stage_id"])
    return {**facts, "position": position, "created_at": clock.now()}


def _find_responsible(given: TouchpointInput) -> tuple[UUID | None, UUID | None]:
    department = queries.find_department_by_key(given.department) if given.department else None
    partner = find_partner_by_key(given.partner) if given.partner else None
    faults = []
    if given.department and department is None:
        faults.append(Fault("/department", f"There is no department {given.department}."))
    if given.partner and partner is None:
        faults.append(Fault("/partner", f"There is no partner {given.partner}."))
    if faults:
        raise Invalid("Nobody of that name can answer for the touchpoint.", faults)
    return department.id if department else None, partner.id if partner else None


def _find_or_make_stage(journey_key: str, stage_key: str) -> Stage:
    journey, is_new = find_or_insert(
        Journey,
        lambda: queries.find_journey_by_key(journey_key),
        lambda: {
            "key": journey_key,
            "name": readable(journey_key),
            "position": queries.next_position(Journey),
            "created_at": clock.now(),
        },
    )
    if is_new:
        audit.record("journey.added", "journey", journey.id, after={"key": journey.key, "name": journey.name})
    stage, is_new = find_or_insert(
        Stage,
        lambda: queries.find_stage(journey.id, stage_key),
        lambda: {
            "journey_id": journey.id,
            "key": stage_key,
            "name": readable(stage_key),
            "position": queries.next_position(Stage, Stage.journey_id == journey.id),
        },
    )
    if is_new:
        after = {"journey": journey.key, "key": stage.key, "name": stage.name}
        audit.record("stage.added", "stage", stage.id, after=after)
    return stage


def _record_touchpoint_added(touchpoint: Touchpoint, given: TouchpointInput) -> None:
    audit.record("touchpoint.added", "touchpoint", touchpoint.id, after={"key": touchpoint.key, **asdict(given)})


def _change_touchpoint(touchpoint: Touchpoint, given: TouchpointInput, facts: dict[str, Any]) -> None:
    old = asdict(queries.as_input(touchpoint))
    new = {name: value for name, value in asdict(given).items() if old[name] != value}
    if not new:
        return
    if touchpoint.stage_id != facts["stage_id"]:
        touchpoint.position = queries.next_position(Touchpoint, Touchpoint.stage_id == facts["stage_id"])
    if touchpoint.department_id not in (None, facts["department_id"]):
        publish(TouchpointHandedOver(touchpoint.id))
    for name, value in facts.items():
        setattr(touchpoint, name, value)
    db.session.flush()
    # The relationships were read before the change; what is read next must be what stands now.
    db.session.expire(touchpoint, ["stage", "department", "partner"])
    before = {name: old[name] for name in new}
    audit.record("touchpoint.changed", "touchpoint", touchpoint.id, before=before, after=new)
