"""Narrowing a member to a part of the tenant: what may be chosen, and what becomes of the cases that lie outside."""

from __future__ import annotations

from uuid import UUID

from app.kernel.db import atomic
from app.kernel.errors import Fault, Forbidden, Invalid
from app.kernel.events import publish
from app.tenants import audit, queries
from app.tenants.events import MemberNarrowed
from app.tenants.row_scopes import Group, count_cases_outside, list_groups, named
from app.tenants.rules import NARROWED_ROLES, WORKING_ROLES, RowScope, may_grant


def check_rows(role: str, rows: RowScope) -> list[Group]:
    """What there is to choose from. Raises Invalid for a role that sees everything, and for what is no department and
    no touchpoint of this tenant."""
    if not rows.is_whole and role not in NARROWED_ROLES:
        raise Invalid("An admin sees everything.", [Fault("/touchpoints", "of a role that sees everything")])
    groups = list_groups()
    departments = {group.id for group in groups}
    places = {place.id for group in groups for place in group.places}
    if not (rows.departments <= departments and rows.touchpoints <= places):
        raise Invalid("There is no such department or touchpoint.", [Fault("/touchpoints", "unknown")])
    return groups


def narrow_member(user_id: UUID, rows: RowScope, own_role: str, own_rows: RowScope) -> None:
    """Let a member see what is said in this part of the tenant alone; it counts from their next request. Their open
    cases that lie outside go to others.

    Raises NotFound, Forbidden for more than `own_rows`, and Invalid as check_rows.
    """
    with atomic():
        queries.lock_settings()
        membership = queries.get_member(user_id)
        groups = check_rows(membership.role, rows)
        if not may_grant(own_role, membership.role, own_rows, rows):
            raise Forbidden("Nobody shows more than they see.")
        before, membership.rows = membership.rows, rows
        if before == rows:
            return
        audit.record("member.narrowed", "user", user_id, before=in_words(before, groups), after=in_words(rows, groups))
        if membership.role in WORKING_ROLES and not rows.is_whole:
            publish(MemberNarrowed(user_id))


def cases_left(user_id: UUID, rows: RowScope) -> int:
    """How many open cases a member would have to leave to others who sees this part of the tenant alone. Raises
    NotFound."""
    membership = queries.get_member(user_id)
    return 0 if rows.is_whole or membership.role not in WORKING_ROLES else count_cases_outside(user_id, rows)


def in_words(rows: RowScope, groups: list[Group]) -> dict[str, list[str]]:
    """What was chosen, as the audit keeps it."""
    departments, places = named(rows, groups)
    return {"departments": departments, "touchpoints": places}
