"""To which part of the tenant a member may be narrowed, and which touchpoints that is at this moment.

Departments, touchpoints and cases stand on floors above; app/handlers.py says who answers for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.kernel.contributions import Contribution
from app.kernel.scope import tenant_scope
from app.tenants.models import Membership
from app.tenants.rules import RowScope


@dataclass(frozen=True)
class Place:
    """A touchpoint to choose."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Group:
    """The touchpoints for which one answers: a department, which can be chosen itself, or a partner or nobody yet,
    which have no id here; nobody has no name either."""

    id: UUID | None
    name: str
    places: Sequence[Place]


list_groups: Contribution[[], list[Group]] = Contribution("what a member can be narrowed to")
find_touchpoints_of: Contribution[[frozenset[UUID]], frozenset[UUID]] = Contribution("the touchpoints of departments")
count_cases_outside: Contribution[[UUID, RowScope], int] = Contribution("open cases of somebody outside a part")


def seen_by(membership: Membership) -> frozenset[UUID] | None:
    """The touchpoints of which this member sees what is said, as they stand now; None for all. Called outside any
    scope."""
    rows = membership.rows
    if rows.is_whole:
        return None
    with tenant_scope(membership.tenant_id):
        return rows.touchpoints | find_touchpoints_of(rows.departments)


def named(rows: RowScope, groups: Sequence[Group]) -> tuple[list[str], list[str]]:
    """(names of the departments, names of the touchpoints) that were chosen, in the order of `groups`."""
    departments = [group.name for group in groups if group.id in rows.departments]
    places = [place.name for group in groups for place in group.places if place.id in rows.touchpoints]
    return departments, places
