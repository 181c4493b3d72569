"""What is known of who pays: Subscription, UsageCounter, UsageReport, StripeEvent, and the directory StripeCustomer."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.billing.rules import KINDS, SOLD, STATUSES, Facts
from app.kernel.db import Model, TenantModel, one_of


class StripeCustomer(Model):
    """Which tenant a customer at Stripe is: the one reviewed look-up by which a webhook finds its tenant. Global."""

    __tablename__ = "stripe_customers"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))


class Subscription(TenantModel):
    """What a tenant has bought, as Stripe said last; one row per tenant, made when something is first counted."""

    __tablename__ = "subscriptions"
    __wall__ = "staff"
    __table_args__ = (
        UniqueConstraint("tenant_id"),
        one_of("status", *STATUSES),
        one_of("plan", *SOLD),
        CheckConstraint("(status = 'none') = (stripe_subscription_id IS NULL)", name="stripe_subscription"),
    )

    trial_ends_at: Mapped[datetime]
    """Of the trial that needs no card."""
    stripe_customer_id: Mapped[str | None]
    stripe_subscription_id: Mapped[str | None]
    stripe_item_id: Mapped[str | None]
    """The part of the subscription that is the plan; others are metered."""
    status: Mapped[str] = mapped_column(default="none")
    plan: Mapped[str | None]
    period_ends_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    """When it ends, because somebody has cancelled it."""
    past_due_since: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0)
    """Goes up each time that Stripe was heard: who asked before that asks again."""
    ask_at: Mapped[datetime | None]
    """When Stripe is asked although it has told nothing; one job waits for that."""

    @property
    def facts(self) -> Facts:
        """What the rules decide from."""
        return Facts(self.trial_ends_at, self.status, self.plan, self.past_due_since)


class UsageCounter(TenantModel):
    """How much of one kind one month has seen; changed by guarded statements only."""

    __tablename__ = "usage_counters"
    __wall__ = "staff"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "month"),
        one_of("kind", *KINDS),
        CheckConstraint("used >= 0 AND over >= 0 AND reported BETWEEN 0 AND used", name="counts"),
    )

    kind: Mapped[str]
    month: Mapped[date]
    used: Mapped[int] = mapped_column(default=0)
    over: Mapped[int] = mapped_column(default=0)
    """Beyond what the plan includes: answers that wait, mails that were not sent."""
    reported: Mapped[int] = mapped_column(default=0)
    """How much of `used` has been set down for Stripe, or was free."""
    report_at: Mapped[datetime]
    """When the next report may be made: a report that is asked for twice is made once."""


class UsageReport(TenantModel):
    """What Stripe is told of some usage; its id is the identifier by which Stripe takes it once."""

    __tablename__ = "usage_reports"
    __wall__ = "staff"
    __table_args__ = (one_of("kind", *KINDS), CheckConstraint("value > 0", name="value"))

    kind: Mapped[str]
    month: Mapped[date]
    value: Mapped[int]
    stripe_customer_id: Mapped[str]
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class StripeEvent(TenantModel):
    """An event of Stripe's that was heard: it is heard once, in the transaction of what it causes."""

    __tablename__ = "stripe_events"
    __wall__ = "staff"
    __table_args__ = (UniqueConstraint("tenant_id", "event_id"),)

    event_id: Mapped[str]
    type: Mapped[str]
    received_at: Mapped[datetime]
