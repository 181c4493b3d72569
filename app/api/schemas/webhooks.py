"""What the webhook endpoints take and give."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.api.base import ApiModel, KeyPath, ListQuery
from app.delivery.webhooks.rules import KINDS, Kind
from app.delivery.webhooks.service import EndpointInput
from app.kernel.outbound.addresses import LONGEST_URL

State = Literal["waiting", "delivered", "dead"]


class WebhookIn(ApiModel):
    """Where to, and of what."""

    url: Annotated[str, Field(min_length=1, max_length=LONGEST_URL)] = Field(
        description="https, on the public internet, port 443, 80, 8443 or 8080, in ASCII.",
        examples=["https://example.com/heed"],
    )
    events: Annotated[list[Kind], Field(min_length=1, max_length=len(KINDS))]
    active: bool = True

    def given(self) -> EndpointInput:
        """For the verb."""
        return EndpointInput(self.url, tuple(self.events), self.active)


class WebhookOut(BaseModel):
    """An endpoint. `secret` is there once, in the answer that made it."""

    key: str
    url: str
    events: list[Kind]
    active: bool
    disabled_reason: Literal["failing", "gone"] | None = Field(
        description="Why it was switched off by itself: nothing but failures for five days, or the answer 410."
    )
    failing_since: str | None
    old_secret_until: str | None = Field(description="Until when the secret before the newest signs too.")
    created_at: str
    secret: str | None


class WebhookList(BaseModel):
    """The endpoints, by key; never more than twenty."""

    data: list[WebhookOut]
    next_cursor: None


class SecretOut(BaseModel):
    """A new secret, shown this once."""

    secret: str
    old_secret_until: str


class DeliveryQuery(ListQuery):
    """Which deliveries."""

    state: State | None = None


class DeliveryPath(KeyPath):
    """Which delivery."""

    id: UUID


class DeliveryOut(BaseModel):
    """One message and what became of it. `answer` are the first words of the newest answer."""

    id: UUID
    message: str = Field(description="The webhook-id; the same on every try.")
    type: str
    state: State
    attempts: int
    created_at: str
    attempted_at: str | None
    next_attempt_at: str | None
    ended_at: str | None
    status: int | None
    answer: str | None
    error: str | None
    took_ms: int | None
    body: str = Field(description="The bytes that are signed and sent, as text.")


class DeliveryList(BaseModel):
    """Deliveries, newest first."""

    data: list[DeliveryOut]
    next_cursor: str | None


class ReplayOut(BaseModel):
    """How many are sent once more."""

    deliveries: int
