"""Endpoints and deliveries."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel, belongs_to, one_of, tenant_fk
from app.kernel.outbox_model import OutboxRow

FORGETTING = "forget_deliveries"
"""The job that is planned once, however many are told; each telling looks for it among all that the tenant has open."""
Index(
    "ix_outbox_forget_deliveries",
    OutboxRow.tenant_id,
    postgresql_where=text(f"job = '{FORGETTING}' AND done_at IS NULL AND dead_at IS NULL"),
)


class WebhookEndpoint(TenantModel):
    """Where a tenant wants to be told, and of what. `kinds` are words of rules.KINDS separated by spaces."""

    __tablename__ = "webhook_endpoints"
    __wall__ = "staff"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        one_of("disabled_reason", "failing", "gone"),
        CheckConstraint("disabled_reason IS NULL OR NOT is_active", name="disabled"),
        CheckConstraint("(sealed_old_secret IS NULL) = (old_secret_until IS NULL)", name="old_secret"),
    )

    key: Mapped[str]
    url: Mapped[str]
    kinds: Mapped[str]
    is_active: Mapped[bool]
    disabled_reason: Mapped[str | None]
    """Why we have switched it off ourselves: `failing` for days, or `gone` by its own word."""
    sealed_secret: Mapped[str]
    sealed_old_secret: Mapped[str | None]
    old_secret_until: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    """The first failure since the last success."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @property
    def host(self) -> str:
        """The part of the address that is no secret, where it has one; the rest often is one."""
        try:
            return urlsplit(self.url).hostname or ""
        except ValueError:
            return ""

    def has_old_secret(self, now: datetime) -> bool:
        """Whether the secret before the newest still signs beside it."""
        return self.old_secret_until is not None and now < self.old_secret_until

    def hears(self, kind: str) -> bool:
        """Whether it has chosen this kind."""
        return kind in self.kinds.split()


class WebhookDelivery(TenantModel):
    """One message to one endpoint: `waiting` -> `delivered` or `dead`, and from both back to `waiting` by a replay.

    Its id is the message's, on every try. `body` never changes. Claimed by a lease; `claim` is the fence.
    """

    __tablename__ = "webhook_deliveries"
    __wall__ = "staff"
    __rows__ = "whole"
    __table_args__ = (
        tenant_fk("endpoint_id", "webhook_endpoints"),
        UniqueConstraint("tenant_id", "endpoint_id", "kind", "reference"),
        one_of("state", "waiting", "delivered", "dead"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended"),
        Index(
            "ix_webhook_deliveries_due",
            "tenant_id",
            "endpoint_id",
            "due_at",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_webhook_deliveries_waiting", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_webhook_deliveries_list", "tenant_id", "endpoint_id", "created_at", "id"),
        Index("ix_webhook_deliveries_ended", "tenant_id", "ended_at"),
    )

    endpoint_id: Mapped[UUID]
    kind: Mapped[str]
    reference: Mapped[str]
    """What it tells of; with the kind it makes sure that nothing is told twice."""
    body: Mapped[str]
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    claim: Mapped[UUID | None]
    attempts: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None]
    status: Mapped[int | None]
    answer: Mapped[str | None]
    error: Mapped[str | None]
    took_ms: Mapped[int | None]
    ended_at: Mapped[datetime | None]

    endpoint = belongs_to("WebhookDelivery", "endpoint_id", "WebhookEndpoint")

    @property
    def message_id(self) -> str:
        """What the receiver knows the message by."""
        return f"msg_{self.id.hex}"
