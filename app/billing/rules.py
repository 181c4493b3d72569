"""Plans and what they include, and where a tenant stands: in its trial, paid, in grace, or reading only.

Plans differ in volume and seats alone; no plan lacks a feature. PLANS is the one table of what each includes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["responses", "messages"]
KINDS: tuple[Kind, ...] = ("responses", "messages")
"""What is counted by the month: answers, and survey mails."""


@dataclass(frozen=True)
class Plan:
    """What a plan includes: people of the tenant's own, answers and survey mails a month; None is without limit."""

    name: str
    seats: int | None
    responses: int | None
    messages: int | None

    def limit(self, kind: Kind) -> int | None:
        """How many of this kind a month holds."""
        return self.responses if kind == "responses" else self.messages


PLANS = {
    plan.name: plan
    for plan in (
        Plan("free", seats=3, responses=50, messages=100),
        Plan("team", seats=10, responses=1_000, messages=5_000),
        Plan("business", seats=50, responses=10_000, messages=50_000),
        Plan("self_hosted", seats=None, responses=None, messages=None),
    )
}
SOLD = ("team", "business")
"""The plans that Stripe has prices for, smallest first."""
TRIAL_PLAN = "business"
TRIAL = timedelta(days=14)
GRACE = timedelta(days=14)
"""How long a bill may stay unpaid until the tenant can only read."""

_LOOKUP_PREFIX = "heed_"
_PAID = ("active", "trialing")
_OWING = ("past_due", "unpaid", "paused")
STATUSES = ("none", *_PAID, *_OWING)
"""Of a subscription at Stripe; `none`: there is none, not any more, or not yet (its first payment is outstanding)."""

State = Literal["trial", "free", "paid", "grace", "read_only", "self_hosted"]


@dataclass(frozen=True)
class Facts:
    """What is known of a tenant's subscription."""

    trial_ends_at: datetime
    status: str = "none"
    plan: str | None = None
    past_due_since: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """Where a tenant stands; `until` is when a trial or the grace ends."""

    plan: Plan
    state: State
    until: datetime | None = None

    @property
    def is_read_only(self) -> bool:
        """Whether staff may only look, and nothing is sent."""
        return self.state == "read_only"


SELF_HOSTED = Standing(PLANS["self_hosted"], "self_hosted")


def standing(facts: Facts, now: datetime) -> Standing:
    """Where a tenant with such a subscription stands now."""
    if facts.status in _PAID:
        return Standing(_plan_of(facts), "paid")
    if facts.status in _OWING:
        until = (facts.past_due_since or now) + GRACE
        return Standing(_plan_of(facts), "grace" if now < until else "read_only", until)
    if now < facts.trial_ends_at:
        return Standing(PLANS[TRIAL_PLAN], "trial", facts.trial_ends_at)
    return Standing(PLANS["free"], "free")


def _plan_of(facts: Facts) -> Plan:
    # A price that somebody put on by hand in Stripe is paid for and names no plan of ours: it limits nothing.
    return PLANS.get(facts.plan or "", PLANS["self_hosted"])


def status_of(stripe_status: str) -> str:
    """A status of Stripe's as we keep it: whatever is over or was never paid is none."""
    return stripe_status if stripe_status in STATUSES else "none"


def is_owing(status: str) -> bool:
    """Whether a bill is unpaid."""
    return status in _OWING


def is_live(status: str) -> bool:
    """Whether there is a subscription at Stripe that can be changed."""
    return status != "none"


def past_due_since(before: datetime | None, status: str, now: datetime) -> datetime | None:
    """Since when a bill is unpaid, when the status was just heard: the first moment stays until it is paid."""
    return (before or now) if is_owing(status) else None


def lookup_key(plan: str) -> str:
    """The lookup key of a plan's price at Stripe."""
    return _LOOKUP_PREFIX + plan


def meter(kind: str) -> str:
    """The event name of the meter at Stripe that counts this, and the lookup key of its price where there is one."""
    return _LOOKUP_PREFIX + kind


def plan_named(key: str | None) -> str | None:
    """The plan whose price has this lookup key."""
    return next((plan for plan in SOLD if lookup_key(plan) == key), None)


def month_of(now: datetime) -> date:
    """The month that what happens now is counted in; months are of UTC, the same for every tenant."""
    return now.astimezone(UTC).date().replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=32)).replace(day=1)


_OPEN_TO_MEMBERS = frozenset({"billing.edit", "portal", "audit.read", "data.export", "data.delete"})
_OPEN_TO_MACHINES = frozenset({"responses", "outreach"})


def stays_open(kind: str, name: str) -> bool:
    """Whether a way in that writes stays open to a tenant that can only read; `kind` and `name` as routes declare them.

    Who pays can always pay, and what was done can always be taken out; answers, and what other systems tell of
    customers, are never lost; customers and partners are not the ones who owe.
    """
    if kind == "member":
        return name in _OPEN_TO_MEMBERS
    return kind != "api" or name in _OPEN_TO_MACHINES


def safe_url(url: str | None, api_base: str, hosts: Collection[str]) -> str | None:
    """An address of Stripe's own pages that a reader may be sent to; None for any other.

    The stand-in that STRIPE_API_BASE may name is its own only host.
    """
    if not url:
        return None
    try:
        base, parts = urlsplit(api_base), urlsplit(url)
    except ValueError:
        return None
    if base.hostname != "api.stripe.com":
        return url if (parts.scheme, parts.netloc) == (base.scheme, base.netloc) else None
    return url if parts.scheme == "https" and parts.netloc in hosts else None
