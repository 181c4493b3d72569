"""Adding, editing, ordering and removing journeys with their stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.exc import IntegrityError

from app.journeys import queries
from app.journeys.models import Journey, Stage
from app.journeys.rules import StageInput, moved
from app.journeys.service.shared import add_row, record_order
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Fault, Invalid
from app.kernel.inserts import insert_named
from app.kernel.naming import checked_name
from app.tenants import audit


def add_journey(name: str, stages: Sequence[str] = (), key: str = "") -> Journey:
    """Make a new journey with stages of these names; without `key` it gets one made from its name.

    Raises Invalid for a bad key or name and Conflict for a key that is taken.
    """
    name, stages = checked_name(name), [checked_name(stage, "/stages") for stage in stages]
    with atomic():
        facts = {"position": queries.next_position(Journey), "created_at": clock.now()}
        journey = add_row(Journey, "journey", name, key, facts)
        for position, stage in enumerate(stages):
            insert_named(Stage, stage, "stage", journey_id=journey.id, position=position)
        after = {"key": journey.key, "name": name, "stages": list(stages)}
        audit.record("journey.added", "journey", journey.id, after=after)
        return journey


def edit_journey(key: str, name: str, stages: Sequence[StageInput], removed: Sequence[str] = ()) -> Journey:
    """Give a journey this name and these stages in this order, and remove those whose keys are in `removed`.

    A stage without key is made; one that is not mentioned goes behind the others. Raises NotFound, Invalid for a bad
    name or an unknown stage, Conflict for removing a stage that has touchpoints.
    """
    name = checked_name(name)
    wanted = [replace(stage, name=checked_name(stage.name, "/stages")) for stage in stages]
    with atomic():
        journey = queries.get_journey_by_key(key, lock=True)
        present = {stage.key: stage for stage in queries.list_stages(journey.id)}
        before = {"name": journey.name, "stages": [stage.name for stage in present.values()]}
        _remove_stages(journey, [present.pop(stage) for stage in removed if stage in present])
        mentioned = {stage.key for stage in wanted}
        wanted += [StageInput(stage.name, stage.key) for stage in present.values() if stage.key not in mentioned]
        journey.name = name
        for position, stage in enumerate(wanted):
            _place_stage(journey, present, stage, position)
        after = {"name": name, "stages": [stage.name for stage in wanted]}
        if after != before:
            audit.record("journey.changed", "journey", journey.id, before=before, after=after)
        return journey


def move_journey(key: str, steps: int) -> Journey:
    """Move a journey among the tenant's journeys, later by `steps` or earlier when negative. Raises NotFound."""
    with atomic():
        journey = queries.get_journey_by_key(key)
        journeys = {other.key: other for other in queries.lock_journeys()}
        before = list(journeys)
        after = moved(before, key, steps)
        for position, other in enumerate(after):
            journeys[other].position = position
        if before != after:
            record_order("journeys", journey.id, before, after)
        return journey


def remove_journey(key: str) -> None:
    """Remove a journey with its stages. Raises NotFound, and Conflict while it has touchpoints."""
    with atomic() as session:
        journey = queries.get_journey_by_key(key, lock=True)
        stages = queries.list_stages(journey.id)
        _remove_stages(journey, stages)
        session.delete(journey)
        audit.record("journey.removed", "journey", journey.id, before={"key": key, "name": journey.name})


def _place_stage(journey: Journey, present: dict[str, Stage], wanted: StageInput, position: int) -> None:
    if not wanted.key:
        insert_named(Stage, wanted.name, "stage", journey_id=journey.id, position=position)
        return
    stage = present.get(wanted.key)
    if stage is None:
        raise Invalid("The journey has no such stage.", [Fault("/stages", f"There is no stage {wanted.key}.")])
    stage.name, stage.position = wanted.name, position


def _remove_stages(journey: Journey, stages: Sequence[Stage]) -> None:
    in_use = queries.stages_in_use(journey.id)
    kept = [Fault("/stages", f"{stage.name} has touchpoints.") for stage in stages if stage.id in in_use]
    if kept:
        raise Conflict("A stage that has touchpoints cannot be removed; move them to another stage first.", kept)
    for stage in stages:
        db.session.delete(stage)
    try:
        db.session.flush()
    except IntegrityError:
        raise Conflict("A touchpoint was put into a stage that was to be removed. Try again.") from None
