"""Look-ups of journeys, stages, touchpoints and departments."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.journeys.models import Department, Journey, Stage, Touchpoint
from app.journeys.rules import TouchpointInput
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.inserts import find_by_key
from app.kernel.naming import is_key
from app.kernel.pagination import DEFAULT_LIMIT, Page, paginate
from app.tenants.row_scopes import Group, Place


def find_department_by_key(key: str, *, lock: bool = False) -> Department | None:
    """The department with this key."""
    return find_by_key(Department, key, lock=lock)


def get_department_by_key(key: str) -> Department:
    """As find_department_by_key, raising NotFound."""
    found = find_department_by_key(key)
    if found is None:
        raise NotFound(f"There is no department {key}.")
    return found


def list_departments() -> list[Department]:
    """Every department, by name."""
    return list(db.session.scalars(select(Department).order_by(Department.name, Department.key)))


def page_of_departments(cursor: str | None, limit: int = DEFAULT_LIMIT) -> Page[Department]:
    """Some departments, by key. Raises Invalid on a bad cursor."""
    return paginate(select(Department), [Department.key], cursor, limit, newest_first=False)


def find_journey_by_key(key: str, *, lock: bool = False) -> Journey | None:
    """The journey with this key."""
    return find_by_key(Journey, key, lock=lock)


def get_journey_by_key(key: str, *, lock: bool = False) -> Journey:
    """As find_journey_by_key, raising NotFound."""
    found = find_journey_by_key(key, lock=lock)
    if found is None:
        raise NotFound(f"There is no journey {key}.")
    return found


def list_journeys() -> list[Journey]:
    """Every journey in order, with its stages, their touchpoints and who answers for each."""
    touchpoints = selectinload(Journey.stages).selectinload(Stage.touchpoints)
    query = (
        select(Journey)
        .options(touchpoints.joinedload(Touchpoint.department), touchpoints.joinedload(Touchpoint.partner))
        .order_by(Journey.position, Journey.key)
    )
    return list(db.session.scalars(query))


def lock_journeys() -> list[Journey]:
    """Every journey in order, without what is in it, locked until the transaction ends."""
    return list(db.session.scalars(select(Journey).order_by(Journey.position, Journey.key).with_for_update()))


def find_stage(journey_id: UUID, key: str) -> Stage | None:
    """The stage with this key in a journey."""
    return db.session.scalar(select(Stage).where(Stage.journey_id == journey_id, Stage.key == key))


def list_stages(journey_id: UUID) -> list[Stage]:
    """The stages of a journey, in order."""
    query = select(Stage).where(Stage.journey_id == journey_id).order_by(Stage.position, Stage.key)
    return list(db.session.scalars(query))


def stages_in_use(journey_id: UUID) -> set[UUID]:
    """The ids of the journey's stages that have touchpoints."""
    query = select(Touchpoint.stage_id).join(Touchpoint.stage).where(Stage.journey_id == journey_id).distinct()
    return set(db.session.scalars(query))


def find_touchpoint_by_key(key: str, *, lock: bool = False) -> Touchpoint | None:
    """The touchpoint with this key."""
    return find_by_key(Touchpoint, key, lock=lock)


def get_touchpoint_by_key(key: str) -> Touchpoint:
    """The touchpoint with this key, with its stage, journey and who answers for it. Raises NotFound."""
    found = db.session.scalar(_whole_touchpoints().where(Touchpoint.key == key)) if is_key(key) else None
    if found is None:
        raise NotFound(f"There is no touchpoint {key}.")
    return found


def as_input(touchpoint: Touchpoint) -> TouchpointInput:
    """A touchpoint in the shape in which it is sent: other things by their keys."""
    return TouchpointInput(
        name=touchpoint.name,
        journey=touchpoint.stage.journey.key,
        stage=touchpoint.stage.key,
        channel=touchpoint.channel,
        department=touchpoint.department.key if touchpoint.department else None,
        partner=touchpoint.partner.key if touchpoint.partner else None,
        desired_emotion=touchpoint.desired_emotion,
    )


def next_position(model: type[Journey] | type[Stage] | type[Touchpoint], *where: ColumnElement[bool]) -> int:
    """The position behind the last of these rows."""
    last = db.session.scalar(select(func.max(model.position)).where(*where))
    return 0 if last is None else last + 1


def touchpoints_of_stage(stage_id: UUID) -> list[Touchpoint]:
    """The touchpoints of a stage, in order, locked until the transaction ends."""
    query = (
        select(Touchpoint)
        .where(Touchpoint.stage_id == stage_id)
        .order_by(Touchpoint.position, Touchpoint.key)
        .with_for_update()
    )
    return list(db.session.scalars(query))


def page_of_touchpoints(
    cursor: str | None,
    limit: int = DEFAULT_LIMIT,
    *,
    partner_id: UUID | None = None,
    department_id: UUID | None = None,
    nobody: bool = False,
) -> Page[Touchpoint]:
    """Some touchpoints, by key, whole as get_touchpoint_by_key gives them; of one partner or department, or those
    nobody answers for. Raises Invalid on a bad cursor."""
    query = _whole_touchpoints()
    if partner_id:
        query = query.where(Touchpoint.partner_id == partner_id)
    if department_id:
        query = query.where(Touchpoint.department_id == department_id)
    if nobody:
        query = query.where(Touchpoint.partner_id.is_(None), Touchpoint.department_id.is_(None))
    return paginate(query, [Touchpoint.key], cursor, limit, newest_first=False)


def count_touchpoints() -> tuple[int, int]:
    """How many touchpoints there are, and how many of them nobody answers for."""
    nobody = Touchpoint.partner_id.is_(None) & Touchpoint.department_id.is_(None)
    row = db.session.execute(select(func.count(Touchpoint.id), func.count(Touchpoint.id).filter(nobody))).one()
    return row[0], row[1]


def count_by_partner(partner_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many touchpoints each of these partners answers for."""
    query = (
        select(Touchpoint.partner_id, func.count(Touchpoint.id))
        .where(Touchpoint.partner_id.in_(partner_ids))
        .group_by(Touchpoint.partner_id)
    )
    return {owner: count for owner, count in db.session.execute(query) if owner}


def count_by_department() -> dict[UUID, int]:
    """How many touchpoints each department answers for."""
    query = (
        select(Touchpoint.department_id, func.count(Touchpoint.id))
        .where(Touchpoint.department_id.is_not(None))
        .group_by(Touchpoint.department_id)
    )
    return {owner: count for owner, count in db.session.execute(query) if owner}


def find_touchpoints_of(department_ids: frozenset[UUID]) -> frozenset[UUID]:
    """The ids of the touchpoints for which these departments answer at the moment."""
    if not department_ids:
        return frozenset()
    return frozenset(db.session.scalars(select(Touchpoint.id).where(Touchpoint.department_id.in_(department_ids))))


def list_groups() -> list[Group]:
    """The touchpoints by who answers for them: departments by name, also those without any, then partners, then nobody.
    Two statements."""
    places: dict[tuple[UUID | None, str], list[Place]] = {(row.id, row.name): [] for row in list_departments()}
    query = _whole_touchpoints().order_by(Touchpoint.name, Touchpoint.key)
    found = list(db.session.scalars(query))
    for name in [*sorted({row.partner.name for row in found if row.partner}), ""]:
        places[None, name] = []
    for row in found:
        who = row.department or row.partner
        places[row.department_id, who.name if who else ""].append(Place(row.id, row.name))
    return [Group(*who, under) for who, under in places.items() if under or who[0]]


def _whole_touchpoints() -> Select[Touchpoint]:
    return select(Touchpoint).options(
        joinedload(Touchpoint.stage).joinedload(Stage.journey),
        joinedload(Touchpoint.department),
        joinedload(Touchpoint.partner),
    )
