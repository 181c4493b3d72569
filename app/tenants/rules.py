"""Who may do what: roles, named permissions, API key scopes, slugs and passwords. The table of rights stands here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ROLES = ("admin", "lead", "agent", "analyst", "viewer", "partner")
SCOPES = ("read", "outreach", "responses", "cases", "admin")
STAFF_ROLES = tuple(role for role in ROLES if role != "partner")
WORKING_ROLES = ("agent", "lead", "admin")
"""Roles that may own a case."""

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128

PERMISSIONS: dict[str, frozenset[str]] = {
    "home": frozenset(STAFF_ROLES),
    "cases.read": frozenset(STAFF_ROLES) - {"viewer"},
    "cases.work": frozenset(WORKING_ROLES),
    "absences.manage": frozenset({"admin", "lead"}),
    "customers.read": frozenset(STAFF_ROLES) - {"viewer"},
    "customers.edit": frozenset(WORKING_ROLES),
    "responses.read": frozenset(STAFF_ROLES) - {"viewer"},
    "responses.work": frozenset(WORKING_ROLES),
    "figures.read": frozenset(STAFF_ROLES),
    "journeys.read": frozenset(STAFF_ROLES),
    "journeys.edit": frozenset({"admin"}),
    "surveys.read": frozenset(STAFF_ROLES) - {"viewer"},
    "surveys.edit": frozenset({"admin"}),
    "outreach.read": frozenset(STAFF_ROLES) - {"viewer"},
    "outreach.edit": frozenset({"admin"}),
    "settings.edit": frozenset({"admin"}),
    "webhooks.edit": frozenset({"admin"}),
    "audit.read": frozenset({"admin"}),
    "billing.edit": frozenset({"admin"}),
    "data.export": frozenset({"admin"}),
    "data.delete": frozenset({"admin"}),
    "portal": frozenset({"partner"}),
}
"""Permission -> the roles that have it."""

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED = frozenset({"api", "dev", "health", "sign-in", "sign-out", "sign-up", "static", "metrics", "account", "new"})
KEY = re.compile(r"[a-z0-9_-]{1,64}")
"""A tenant's own short name for a partner, touchpoint, survey, department, rule."""


def allows(role: str, permission: str) -> bool:
    """Whether the role has the permission; an unknown permission raises KeyError."""
    return role in PERMISSIONS[permission]


NARROWED_ROLES = ("lead", "agent", "analyst", "viewer")
"""Roles that may be narrowed to a part of the tenant. Who sets it up has to see it, and a partner has its own wall."""


@dataclass(frozen=True)
class RowScope:
    """Where somebody sees what customers and cases say: at the touchpoints for which one of these departments answers
    at the moment, and at these touchpoints. Nothing chosen is everywhere."""

    departments: frozenset[UUID] = frozenset()
    touchpoints: frozenset[UUID] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole tenant, with what customers say of no touchpoint."""
        return not (self.departments or self.touchpoints)

    def holds(self, touchpoint_id: UUID | None, department_id: UUID | None) -> bool:
        """Whether the touchpoint, for which this department answers, lies inside; None for what is about none."""
        return self.is_whole or touchpoint_id in self.touchpoints or department_id in self.departments

    def is_within(self, other: RowScope) -> bool:
        """Whether all of this lies inside the other."""
        if other.is_whole or self.is_whole:
            return other.is_whole
        return self.departments <= other.departments and self.touchpoints <= other.touchpoints


WHOLE = RowScope()


def may_grant(own_role: str, role: str, own_rows: RowScope = WHOLE, rows: RowScope = WHOLE) -> bool:
    """Whether somebody with `own_role` who sees `own_rows` may give `role` and the sight of `rows` to another: nobody
    grants what they lack.

    What partners' people may do is theirs alone; whoever sets up the tenant lets them in.
    """
    if not allows(own_role, "settings.edit") or not rows.is_within(own_rows):
        return False
    return role == "partner" or all(allows(own_role, name) for name, roles in PERMISSIONS.items() if role in roles)


def does_less(before: str, role: str) -> bool:
    """Whether whoever had the role `before` and gets `role` owns no cases any more, or sets up the tenant no more."""
    return any(allows(before, name) and not allows(role, name) for name in ("cases.work", "settings.edit"))


def scope_allows(scopes: frozenset[str], wanted: str) -> bool:
    """Whether a key with these scopes may do what needs `wanted`: admin may everything, every key may read."""
    return wanted == "read" or wanted in scopes or "admin" in scopes


KEY_OVERLAP = timedelta(hours=24)
"""How long the text that a key had before its newest still works."""
MOST_KEY_DAYS = 3650

_SCOPE_NEEDS = {
    "read": "cases.read",
    "outreach": "customers.edit",
    "responses": "responses.work",
    "cases": "cases.work",
    "admin": "settings.edit",
}
"""What a person must be allowed to give a key this scope: the most that a key may do with it."""


def may_give(role: str | None, scopes: Iterable[str]) -> bool:
    """Whether somebody with this role may give a key these scopes; somebody who is no member may give none."""
    return role is not None and all(allows(role, _SCOPE_NEEDS[scope]) for scope in scopes)


def is_key_running(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> bool:
    """Whether a key works."""
    return revoked_at is None and (expires_at is None or now < expires_at)


def slug_fault(slug: str) -> str | None:
    """Why this cannot be a tenant's slug, or None."""
    if not _SLUG.fullmatch(slug):
        return "must be 1 to 63 characters of a-z, 0-9 and '-', not beginning or ending with '-'"
    if slug in _RESERVED:
        return "is reserved"
    return None


def password_fault(password: str) -> str | None:
    """Why this cannot be a password, or None. Length is what counts; no composition rules."""
    if len(password) < SHORTEST_PASSWORD:
        return f"must have at least {SHORTEST_PASSWORD} characters"
    if len(password) > LONGEST_PASSWORD:
        return f"must have at most {LONGEST_PASSWORD} characters"
    return None


def check_timezone(name: str) -> str:
    """`name` when it is an IANA time zone. Raises ValueError."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name} is not a time zone; write one like Asia/Shanghai") from None
    return name
