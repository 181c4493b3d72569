"""What happens to subscriptions and usage."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True)
class StripeHeard(Event):
    """Stripe said that something has changed; what, is asked of Stripe itself."""

    event_id: str


@dataclass(frozen=True)
class DayWentBy(Event):
    """A running subscription was not asked about for a day: what Stripe told meanwhile may have been lost."""


@dataclass(frozen=True)
class SubscriptionChanged(Event):
    """The tenant may do more than before, or less: another plan, or a bill is paid or is not."""


@dataclass(frozen=True)
class UsageBegan(Event):
    """Something was counted that is to be reported; `month` is its first day (ISO 8601)."""

    kind: str
    month: str


@dataclass(frozen=True)
class UsageReported(Event):
    """A report waits to be sent to Stripe."""

    report_id: UUID
