"""Tenants, people and what they may do: Tenant, User, Membership, TenantSettings, ApiKey, AuditEvent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import scope
from app.kernel.db import Model, TenantModel, one_of
from app.kernel.ids import new_id
from app.tenants.accounts.rules import SIGN_IN_RULES
from app.tenants.logo_rules import MOST_KEPT_BYTES
from app.tenants.rules import ROLES, RowScope


class Tenant(Model):
    """A company that uses Heed. Global and rarely written: counters and settings stand in tenant tables."""

    __tablename__ = "tenants"
    __table_args__ = (
        one_of("sign_in_rule", *SIGN_IN_RULES),
        CheckConstraint("is_sample OR sample_of IS NULL", name="sample"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    timezone: Mapped[str]
    default_locale: Mapped[str]
    sign_in_rule: Mapped[str] = mapped_column(default="any")
    """How everybody has to have signed in who works here (accounts.rules.SIGN_IN_RULES)."""
    created_at: Mapped[datetime]
    departs_at: Mapped[datetime | None]
    """When it is going to be deleted, unless somebody keeps it until then."""
    closed_at: Mapped[datetime | None]
    """Since when nobody comes in any more. The row stays for good, so that nobody else gets the short name."""
    audit_kept_since: Mapped[datetime | None]
    """Rows of the audit that are older may be let go of; None: none may (custody.keeping)."""
    is_sample: Mapped[bool] = mapped_column(default=False)
    """An example organisation: its customers are invented, and nothing of it reaches anybody (tenants.examples)."""
    sample_of: Mapped[UUID | None] = mapped_column(unique=True)
    """Whose example it is; empty once it is removed. No foreign key: each of the two tenants goes by itself."""


class User(Model):
    """A person who signs in; may be a member of several tenants. No column here changes at sign-in."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    state_key: Mapped[str]
    """Part of every link and half-done sign-in of this person. It changes with the password, the address and the
    second step, so that none outlives what it was made for."""
    new_email: Mapped[str | None]
    """The address that takes the place of `email` once a link sent there has been opened."""
    locale: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


def sees_whole() -> CheckConstraint:
    """That whoever sets up the tenant sees all of it; for tables with the columns below."""
    is_whole = "cardinality(department_ids) = 0 AND cardinality(touchpoint_ids) = 0"
    return CheckConstraint(f"role NOT IN ('admin', 'partner') OR ({is_whole})", name="sees_whole")


def as_columns(rows: RowScope) -> dict[str, list[UUID]]:
    """A part of the tenant as the columns below hold it."""
    return {"department_ids": sorted(rows.departments), "touchpoint_ids": sorted(rows.touchpoints)}


class RowScopeColumns:
    """To which part of the tenant somebody is narrowed. Ids without foreign keys: what they name stands on a floor
    above, and where nothing of it is left, nothing is seen."""

    department_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")
    touchpoint_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")

    @property
    def rows(self) -> RowScope:
        """The columns as the rules know them."""
        return RowScope(frozenset(self.department_ids or ()), frozenset(self.touchpoint_ids or ()))

    @rows.setter
    def rows(self, rows: RowScope) -> None:
        for name, value in as_columns(rows).items():
            setattr(self, name, value)


class Membership(RowScopeColumns, Model):
    """One user's role in one tenant; a partner's user names the partner (no foreign key: the table is global)."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("tenant_id", "user_id"),
        one_of("role", *ROLES),
        CheckConstraint("(role = 'partner') = (partner_id IS NOT NULL)", name="partner_has_partner"),
        sees_whole(),
        Index("ix_memberships_user_id", "user_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True, default=scope.tenant_id)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    role: Mapped[str]
    partner_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class TenantSettings(TenantModel):
    """The defaults of the method that a tenant may change; one row per tenant, every change audited."""

    __tablename__ = "tenant_settings"
    __wall__ = "shared"
    __table_args__ = (
        UniqueConstraint("tenant_id"),
        CheckConstraint("min_gap_days BETWEEN 0 AND 365", name="min_gap_days"),
        CheckConstraint("annual_cap BETWEEN 1 AND 366", name="annual_cap"),
        CheckConstraint("quiet_ends_hour >= 0 AND quiet_ends_hour < quiet_starts_hour", name="quiet_hours"),
        CheckConstraint("quiet_starts_hour <= 24", name="quiet_starts_hour"),
        CheckConstraint("settle_minutes BETWEEN 0 AND 1440", name="settle_minutes"),
        CheckConstraint("nps_detractor_max BETWEEN 0 AND 8", name="nps_detractor_max"),
        CheckConstraint("csat_detractor_max BETWEEN 1 AND 4", name="csat_detractor_max"),
        CheckConstraint("ces_detractor_max BETWEEN 0 AND 6", name="ces_detractor_max"),
        CheckConstraint("emotion_detractor_max BETWEEN 0 AND 10", name="emotion_detractor_max"),
        CheckConstraint("first_contact_minutes BETWEEN 15 AND 20160", name="first_contact_minutes"),
        CheckConstraint("resolution_days BETWEEN 1 AND 60", name="resolution_days"),
        CheckConstraint("follow_up_days BETWEEN 0 AND 30", name="follow_up_days"),
        one_of("north_star", "nps", "csat", "ces", "emotion"),
    )

    min_gap_days: Mapped[int] = mapped_column(default=30)
    annual_cap: Mapped[int] = mapped_column(default=4)
    quiet_ends_hour: Mapped[int] = mapped_column(default=9)
    """Mail and SMS go out from this hour of the receiver's day …"""
    quiet_starts_hour: Mapped[int] = mapped_column(default=20)
    """… until this one."""
    settle_minutes: Mapped[int] = mapped_column(default=10)
    nps_detractor_max: Mapped[int] = mapped_column(default=6)
    csat_detractor_max: Mapped[int] = mapped_column(default=2)
    ces_detractor_max: Mapped[int] = mapped_column(default=2)
    """0: no effort, however high, opens a case."""
    emotion_detractor_max: Mapped[int] = mapped_column(default=4)
    """A rank of the scale of emotions; 0: no feeling opens a case."""
    first_contact_minutes: Mapped[int] = mapped_column(default=1440)
    resolution_days: Mapped[int] = mapped_column(default=5)
    """Business days of the case's calendar."""
    follow_up_days: Mapped[int] = mapped_column(default=7)
    """Days between the closure of a case and its follow-up survey."""
    sender_name: Mapped[str | None]
    """The name mails come from; the tenant's name when empty."""
    north_star: Mapped[str | None]
    """The one figure on every home; the first that anybody has answered when empty."""


class TenantLogo(TenantModel):
    """The tenant's logo as logo_rules draws it; at most one, with the tenant's id, so that the addresses in mails that
    were sent before it was replaced, or taken away and chosen again, lead to the one there is."""

    __tablename__ = "tenant_logos"
    __wall__ = "shared"
    __table_args__ = (
        UniqueConstraint("tenant_id"),
        CheckConstraint(f"octet_length(content) BETWEEN 1 AND {MOST_KEPT_BYTES}", name="content"),
        CheckConstraint("width > 0 AND height > 0", name="size"),
    )

    content: Mapped[bytes]
    """A PNG."""
    digest: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    changed_at: Mapped[datetime]


class TenantCounter(TenantModel):
    """A per-tenant number that only goes up (case numbers)."""

    __tablename__ = "tenant_counters"
    __wall__ = "staff"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    name: Mapped[str]
    value: Mapped[int]


class ApiKey(TenantModel):
    """A machine's key: only its hash is kept. `scopes` are words separated by spaces."""

    __tablename__ = "api_keys"
    __wall__ = "staff"
    __table_args__ = (
        UniqueConstraint("tenant_id", "hash"),
        UniqueConstraint("tenant_id", "old_hash"),
        CheckConstraint("(old_hash IS NULL) = (old_until IS NULL)", name="old_text"),
    )

    name: Mapped[str]
    hash: Mapped[str]
    scopes: Mapped[str]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    """Who gave it its newest text."""
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    """To the minute."""
    old_hash: Mapped[str | None]
    """The text before the newest, which works …"""
    old_until: Mapped[datetime | None]
    """… until then."""
    old_created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    """Who gave it that text; empty for the command line."""


class AuditEvent(TenantModel):
    """One change that a person or a key made: by whom, from where, before and after. Never updated."""

    __tablename__ = "audit_events"
    __wall__ = "append"
    __rows__ = "whole"
    __table_args__ = (
        Index("ix_audit_events_at", "tenant_id", "at"),
        Index("ix_audit_events_actor", "tenant_id", "actor_id", "at"),
        Index("ix_audit_events_subject", "tenant_id", "subject_type", "subject_id", "at"),
    )

    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_label: Mapped[str]
    address: Mapped[str | None]
    browser: Mapped[str | None]
    """In words ("Firefox, Windows")."""
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


class IdempotencyRecord(TenantModel):
    """The first answer to a POST that carried an Idempotency-Key; repeated for 24 hours.

    Its body is sealed: an answer may hold a secret that is shown this once, or what customers said.
    """

    __tablename__ = "idempotency_records"
    __wall__ = "staff"
    __table_args__ = (
        UniqueConstraint("tenant_id", "api_key_id", "key"),
        Index("ix_idempotency_records_created", "tenant_id", "created_at"),
    )

    api_key_id: Mapped[UUID]
    key: Mapped[str]
    request_hash: Mapped[str]
    status: Mapped[int | None]
    sealed_body: Mapped[str | None]
    created_at: Mapped[datetime]
