"""From what happened to whom was asked: interactions, rules, one decision per rule, invitations and the ask ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel, belongs_to, has_many, one_of, tenant_fk
from app.surveys.outreach.rules import Channel


class Interaction(TenantModel):
    """What happened to one customer at one touchpoint. `partner_id` is who delivered it: the sender's word first, else
    the touchpoint's partner; copied in at write and never changed."""

    __tablename__ = "interactions"
    __wall__ = "own"
    __rows__ = "touchpoint"
    __table_args__ = (
        tenant_fk("touchpoint_id", "touchpoints"),
        tenant_fk("customer_id", "customers"),
        tenant_fk("partner_id", "partners"),
        UniqueConstraint("tenant_id", "external_id"),
        Index("ix_interactions_customer_id", "tenant_id", "customer_id", "occurred_at"),
        Index("ix_interactions_touchpoint_id", "tenant_id", "touchpoint_id", "occurred_at"),
        Index("ix_interactions_partner_id", "tenant_id", "partner_id", "occurred_at"),
        Index("ix_interactions_known", "tenant_id", "occurred_at", postgresql_where=text("customer_id <> tenant_id")),
    )

    external_id: Mapped[str]
    """The sender's own id: unique in the tenant, the key of idempotency."""
    content_hash: Mapped[str]
    """Of the request's meaning: the same again is the same answer, another content is a conflict."""
    touchpoint_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    employee_key: Mapped[str | None]
    employee_name: Mapped[str | None]
    measures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_historic: Mapped[bool] = mapped_column(default=False)

    touchpoint = belongs_to("Interaction", "touchpoint_id", "Touchpoint")
    customer = belongs_to("Interaction", "customer_id", "Customer")
    partner = belongs_to("Interaction", "partner_id", "Partner")
    decisions = has_many("Interaction", "OutreachDecision", "interaction_id", "decided_at")


class OutreachRule(TenantModel):
    """Whom to ask what, when and how, after interactions at some touchpoints."""

    __tablename__ = "outreach_rules"
    __wall__ = "staff"
    __table_args__ = (
        tenant_fk("survey_id", "surveys"),
        UniqueConstraint("tenant_id", "key"),
        one_of("channel", "email", "link"),
        CheckConstraint("delay_minutes BETWEEN 0 AND 525600", name="delay_minutes"),
        CheckConstraint("sample_percent BETWEEN 0 AND 100", name="sample_percent"),
        CheckConstraint("expires_after_days BETWEEN 1 AND 365", name="expires_after_days"),
        CheckConstraint("min_gap_days BETWEEN 0 AND 365", name="min_gap_days"),
    )

    key: Mapped[str]
    survey_id: Mapped[UUID]
    channel: Mapped[Channel] = mapped_column(Text)  # else a Literal would become an enum of the database
    delay_minutes: Mapped[int] = mapped_column(default=0)
    sample_percent: Mapped[int] = mapped_column(default=100)
    expires_after_days: Mapped[int] = mapped_column(default=14)
    quiet_hours: Mapped[bool] = mapped_column(default=True)
    min_gap_days: Mapped[int | None]
    """Asked for on top of the tenant's gap; the longer of the two counts."""
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    survey = belongs_to("OutreachRule", "survey_id", "Survey")
    touchpoint_links = has_many("OutreachRule", "OutreachRuleTouchpoint", "rule_id", "id")


class OutreachRuleTouchpoint(TenantModel):
    """A touchpoint that a rule listens to."""

    __tablename__ = "outreach_rule_touchpoints"
    __wall__ = "staff"
    __rows__ = "all"
    __table_args__ = (
        tenant_fk("rule_id", "outreach_rules", ondelete="CASCADE"),
        tenant_fk("touchpoint_id", "touchpoints"),
        UniqueConstraint("tenant_id", "rule_id", "touchpoint_id"),
    )

    rule_id: Mapped[UUID]
    touchpoint_id: Mapped[UUID]

    touchpoint = belongs_to("OutreachRuleTouchpoint", "touchpoint_id", "Touchpoint")


class Invitation(TenantModel):
    """One ask to one customer. Its link is derived from its id; its survey version is fixed when it is made."""

    __tablename__ = "invitations"
    __wall__ = "staff"
    __rows__ = "touchpoint"
    __table_args__ = (
        tenant_fk("interaction_id", "interactions"),
        tenant_fk("rule_id", "outreach_rules"),
        tenant_fk("survey_version_id", "survey_versions"),
        tenant_fk("customer_id", "customers"),
        tenant_fk("touchpoint_id", "touchpoints"),
        tenant_fk("partner_id", "partners"),
        Index(
            "uq_invitations_interaction_rule",
            "tenant_id",
            "interaction_id",
            "rule_id",
            unique=True,
            postgresql_where=text("rule_id IS NOT NULL"),
        ),
        Index("ix_invitations_customer_id", "tenant_id", "customer_id"),
        Index("ix_invitations_known", "tenant_id", "created_at", postgresql_where=text("customer_id <> tenant_id")),
        one_of("channel", "email", "link"),
        one_of("purpose", "ask", "follow_up", "test"),
        one_of(
            "status",
            "scheduled",
            "sent",
            "uncertain",
            "delivered",
            "bounced",
            "started",
            "completed",
            "expired",
            "cancelled",
        ),
    )

    purpose: Mapped[str]
    interaction_id: Mapped[UUID | None]
    rule_id: Mapped[UUID | None]
    survey_version_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    touchpoint_id: Mapped[UUID | None]
    partner_id: Mapped[UUID | None]
    channel: Mapped[Channel] = mapped_column(Text)
    locale: Mapped[str]
    status: Mapped[str] = mapped_column(default="scheduled")
    status_reason: Mapped[str | None]
    """Why it was cancelled or expired before it was sent, e.g. `unsubscribed`; or why it is held back: `unpaid`."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_after_days: Mapped[int]
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """Set when it is sent: an unanswered invitation expires that long after it was sent."""
    counted_month: Mapped[date | None]
    """The month (its first day) whose plan its mail was counted in; once, however often it is tried."""
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]

    interaction = belongs_to("Invitation", "interaction_id", "Interaction")
    rule = belongs_to("Invitation", "rule_id", "OutreachRule")
    version = belongs_to("Invitation", "survey_version_id", "SurveyVersion")
    customer = belongs_to("Invitation", "customer_id", "Customer")
    touchpoint = belongs_to("Invitation", "touchpoint_id", "Touchpoint")


class OutreachDecision(TenantModel):
    """What one rule decided about one interaction, with its reason: the denominator of everything that was asked."""

    __tablename__ = "outreach_decisions"
    __wall__ = "staff"
    __rows__ = "interaction"
    __table_args__ = (
        tenant_fk("interaction_id", "interactions"),
        tenant_fk("rule_id", "outreach_rules"),
        tenant_fk("invitation_id", "invitations"),
        UniqueConstraint("tenant_id", "interaction_id", "rule_id"),
        one_of("decision", "scheduled", "sent", "skipped"),
        CheckConstraint("(decision = 'skipped') = (reason IS NOT NULL)", name="skipped_has_reason"),
        CheckConstraint("(decision = 'skipped') OR (invitation_id IS NOT NULL)", name="asked_has_invitation"),
        Index("ix_outreach_decisions_rule_id", "tenant_id", "rule_id", "decided_at"),
    )

    interaction_id: Mapped[UUID]
    rule_id: Mapped[UUID]
    decision: Mapped[str]
    reason: Mapped[str | None]
    sample_percent: Mapped[int]
    decided_at: Mapped[datetime]
    invitation_id: Mapped[UUID | None]

    rule = belongs_to("OutreachDecision", "rule_id", "OutreachRule")


class Ask(TenantModel):
    """The fatigue ledger: one ask reserved for (or made to) one person. Void once it did not reach them."""

    __tablename__ = "asks"
    __wall__ = "staff"
    __rows__ = "invitation"
    __table_args__ = (
        tenant_fk("customer_id", "customers"),
        tenant_fk("invitation_id", "invitations"),
        UniqueConstraint("tenant_id", "invitation_id"),
        Index("ix_asks_customer_id", "tenant_id", "customer_id", "at"),
    )

    customer_id: Mapped[UUID]
    invitation_id: Mapped[UUID]
    at: Mapped[datetime]
    """When the ask is due, later when it was made."""
    is_follow_up: Mapped[bool] = mapped_column(default=False)
    voided_at: Mapped[datetime | None]
