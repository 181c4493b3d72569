"""The case and everything that happened to it: each state change is a row with an actor and a time.

`Case.status` and its `_at` columns repeat what the rows say, because lists need an index; the verb that writes the row
writes them too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    Numeric,
    UniqueConstraint,
    case,
    func,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import TenantModel, belongs_to, has_many, one_of, tenant_fk
from app.loop.cases.rules import NEVER, PAUSING, STATUSES, queue_key


class Case(TenantModel):
    """One customer's trouble, from the answer that opened it to its proven end."""

    __tablename__ = "cases"
    __wall__ = "own"
    __rows__ = "touchpoint"
    __table_args__ = (
        tenant_fk("response_id", "responses"),
        tenant_fk("customer_id", "customers"),
        tenant_fk("touchpoint_id", "touchpoints"),
        tenant_fk("partner_id", "partners"),
        tenant_fk("calendar_version_id", "calendar_versions"),
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "response_id"),
        one_of("status", *STATUSES),
        CheckConstraint("severity BETWEEN 1 AND 4", name="severity"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("status <> 'resolved' OR resolved_at IS NOT NULL", name="resolved"),
        Index("ix_cases_queue", "tenant_id", "is_historic", "status", "resolution_due_at"),
        Index("ix_cases_owner_id", "tenant_id", "owner_id", "status"),
        Index("ix_cases_partner_id", "tenant_id", "partner_id", "resolution_due_at"),
        Index("ix_cases_customer_id", "tenant_id", "customer_id"),
        Index(
            "ix_cases_closed_at",
            "tenant_id",
            "closed_at",
            postgresql_where=text("customer_id IS DISTINCT FROM tenant_id"),
        ),
    )

    number: Mapped[int]
    response_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    touchpoint_id: Mapped[UUID | None]
    partner_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(default="new")
    severity: Mapped[int]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    is_historic: Mapped[bool] = mapped_column(default=False)
    """Came with imported history: stands apart from the live queue, raises no alarm, sends nothing."""
    answered_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    calendar_version_id: Mapped[UUID]
    first_contact_due_at: Mapped[datetime]
    """Wall clock, from the customer's answer; a reopening starts a new one."""
    first_contact_at: Mapped[datetime | None]
    """The first attempt that reached the customer since the case was (re)opened."""
    resolution_due_at: Mapped[datetime]
    """Business clock of the calendar version."""
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closure_outcome: Mapped[str | None]
    reopened_count: Mapped[int] = mapped_column(default=0)

    response = belongs_to("Case", "response_id", "Response")
    customer = belongs_to("Case", "customer_id", "Customer")
    touchpoint = belongs_to("Case", "touchpoint_id", "Touchpoint")
    partner = belongs_to("Case", "partner_id", "Partner")
    calendar_version = belongs_to("Case", "calendar_version_id", "CalendarVersion")
    owner = relationship("User", primaryjoin="foreign(Case.owner_id) == User.id", viewonly=True, uselist=False)
    events = has_many("Case", "CaseEvent", "case_id", "at")
    contacts = has_many("Case", "CaseContact", "case_id", "at")
    root_causes = has_many("Case", "CaseRootCause", "case_id", "code")
    resolutions = has_many("Case", "CaseResolution", "case_id", "at")
    pauses = has_many("Case", "CasePause", "case_id", "started_at")
    closures = has_many("Case", "CaseClosure", "case_id", "at")
    alarms = has_many("Case", "CaseAlarm", "case_id", "at")

    @hybrid_property
    def next_due_at(self) -> datetime:
        """When the first of the clocks that still run is due; NEVER when none does. What queues are sorted by."""
        return queue_key(
            self.status, self.first_contact_due_at, self.first_contact_at, self.resolution_due_at, self.resolved_at
        )

    @next_due_at.inplace.expression
    @classmethod
    def _next_due_at(cls) -> ColumnElement[datetime]:
        is_open = cls.status != "closed"
        contact = case((is_open & cls.first_contact_at.is_(None), cls.first_contact_due_at), else_=NEVER)
        runs = is_open & cls.resolved_at.is_(None) & cls.status.not_in(sorted(PAUSING))
        resolution = case((runs, cls.resolution_due_at), else_=NEVER)
        return func.least(contact, resolution, type_=DateTime(timezone=True))


def _case_child(*more: Any) -> tuple[Any, ...]:
    return (tenant_fk("case_id", "cases"), *more)


class CaseEvent(TenantModel):
    """One line of the timeline."""

    __tablename__ = "case_events"
    __wall__ = "staff"
    __rows__ = "case"
    __table_args__ = _case_child(Index("ix_case_events_case_id", "tenant_id", "case_id", "at"))

    case_id: Mapped[UUID]
    at: Mapped[datetime]
    kind: Mapped[str]
    """Past tense; words.py puts each into words: opened, assigned, contacted, contact_attempted, noted, answer_added,
    severity_changed, causes_set, waiting_began, waiting_ended, resolved, resolution_withdrawn, closed, case_merged,
    reopened, breached, follow_up_planned, follow_up_skipped, follow_up_answered, objected, thanked, partner_asked,
    question_withdrawn, partner_answered, partner_added."""
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_label: Mapped[str]
    text: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


class CaseContact(TenantModel):
    """One attempt to reach the customer; every attempt is kept."""

    __tablename__ = "case_contacts"
    __wall__ = "staff"
    __rows__ = "case"
    __table_args__ = _case_child(
        one_of("outcome", "reached", "attempted"),
        Index("ix_case_contacts_case_id", "tenant_id", "case_id", "at"),
    )

    case_id: Mapped[UUID]
    at: Mapped[datetime]
    channel: Mapped[str]
    outcome: Mapped[str]
    note: Mapped[str | None]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class CaseRootCause(TenantModel):
    """A cause of this case and its share; the shares of a case add up to 1."""

    __tablename__ = "case_root_causes"
    __wall__ = "staff"
    __rows__ = "case"
    __table_args__ = _case_child(
        UniqueConstraint("tenant_id", "case_id", "code"),
        CheckConstraint("share > 0 AND share <= 1", name="share"),
    )

    case_id: Mapped[UUID]
    code: Mapped[str]
    share: Mapped[float] = mapped_column(Numeric(9, 8, asdecimal=False))
    is_verified: Mapped[bool]
    at: Mapped[datetime]


class CaseResolution(TenantModel):
    """What was done for the customer, and what was told to them."""

    __tablename__ = "case_resolutions"
    __wall__ = "staff"
    __rows__ = "case"
    __table_args__ = _case_child(Index("ix_case_resolutions_case_id", "tenant_id", "case_id"))

    case_id: Mapped[UUID]
    at: Mapped[datetime]
    action_taken: Mapped[str]
    message_to_customer: Mapped[str | None]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class CaseClosure(TenantModel):
    """One closing of a case; `reopened_at` ends it."""

    __tablename__ = "case_closures"
    __wall__ = "staff"
    __rows__ = "case"
    __table_args__ = _case_child(
        one_of("outcome", "confirmed", "no_objection", "unreachable", "rejected", "merged"),
        tenant_fk("into_case_id", "cases"),
        Index(
            "uq_case_closures_open",
            "tenant_id",
            "case_id",
            unique=True,
            postgresql_where=text("reopened_at IS NULL"),
        ),
    )

    case_id: Mapped[UUID]
    at: Mapped[datetime]
    outcome: Mapped[str]
    note: Mapped[str | None]
    into_case_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reopened_at: Mapped[datetime | None]
    reopened_because: Mapped[str | None]


class CasePause(TenantModel):
    """A wait for the customer, during which the resolution clock stands still."""

    __tablename__ = "case_pauses"
    __wall__ = "staff"
    __rows__ = "case"
    __table_args__ = _case_child(
        Index(
            "uq_case_pauses_open",
            "tenant_id",
            "case_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    case_id: Mapped[UUID]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str]


class CaseFollowUp(TenantModel):
    """The invitation that asks the customer, after a closure, whether it is solved: one per closure."""

    __tablename__ = "case_follow_ups"
    __wall__ = "staff"
    __rows__ = "case"
    __table_args__ = _case_child(
        tenant_fk("closure_id", "case_closures"),
        tenant_fk("invitation_id", "invitations"),
        UniqueConstraint("tenant_id", "closure_id"),
        UniqueConstraint("tenant_id", "invitation_id"),
    )

    case_id: Mapped[UUID]
    closure_id: Mapped[UUID]
    invitation_id: Mapped[UUID]
    created_at: Mapped[datetime]


class CaseAlarm(TenantModel):
    """Something about a case that somebody must see: a breach, or a reopened case that nobody owns."""

    __tablename__ = "case_alarms"
    __wall__ = "staff"
    __rows__ = "case"
    __table_args__ = _case_child(
        UniqueConstraint("tenant_id", "case_id", "kind", "due_at"),
        one_of("kind", "first_contact_breached", "resolution_breached", "unassigned"),
        Index("ix_case_alarms_open", "tenant_id", "at", postgresql_where=text("settled_at IS NULL")),
    )

    case_id: Mapped[UUID]
    kind: Mapped[str]
    due_at: Mapped[datetime]
    """The time that was missed; with the kind it makes the alarm unique."""
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
