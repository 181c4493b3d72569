"""Whether to ask, and when: pure decisions about one outreach rule, one interaction and one person.

Time is exact: a day is 24 hours, two asks that are 30 days apart to the second keep a gap of 30 days, and only
quiet hours look at a clock on a wall. All times are aware.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Channel = Literal["email", "sms", "link", "webhook"]
Purpose = Literal["ask", "follow_up"]
SkipReason = Literal["historic", "expired", "no_address", "unsubscribed", "not_sampled", "min_gap", "annual_cap"]
SendAction = Literal["send", "hold", "expired", "unsubscribed", "cancelled", "no_address"]

GAP_DAYS = 30
ANNUAL_CAP = 4
ADDRESSED = frozenset({"email", "sms"})
"""The channels that need an address, and that quiet hours hold back."""

_YEAR = timedelta(days=365)
SENDING_HOURS = (9, 20)
_SMS_HOURS = (9, 19)
_NARROW_HOURS = (10, 18)


@dataclass(frozen=True)
class InteractionFacts:
    """What happened. `id` is ours, not the sender's."""

    id: str
    occurred_at: datetime
    is_historic: bool = False


@dataclass(frozen=True)
class RuleFacts:
    """What the rule wants. `gap_days` and `annual_cap` are the tenant's; a rule may ask for a longer gap."""

    id: str
    channel: Channel
    purpose: Purpose = "ask"
    delay_minutes: int = 0
    sample_percent: float = 100
    expires_after_days: int = 14
    quiet_hours: bool = True
    min_gap_days: int | None = None
    gap_days: int = GAP_DAYS
    annual_cap: int = ANNUAL_CAP


@dataclass(frozen=True)
class PersonFacts:
    """Who would be asked. `addresses` are the channels that can reach them; `timezone` is None if unknown.

    `sending_hours` are the tenant's: from and until which full hour of the person's day mail may come.
    """

    addresses: frozenset[str]
    tenant_timezone: str
    timezone: str | None = None
    is_unsubscribed: bool = False
    sending_hours: tuple[int, int] = SENDING_HOURS


@dataclass(frozen=True)
class Decision:
    """What was decided, and why not; `probability` is the chance of being asked that the sample gave."""

    decision: Literal["scheduled", "skipped"]
    reason: SkipReason | None
    due_at: datetime | None
    probability: float


def decide(
    now: datetime,
    tenant_id: str,
    interaction: InteractionFacts,
    rule: RuleFacts,
    person: PersonFacts,
    ledger: Sequence[datetime],
) -> Decision:
    """Decide on an interaction that arrives `now`.

    `ledger` holds the times of all asks to this person that count: planned and made, of every survey and
    purpose, without those that did not reach them. Of several reasons to skip, the first of `SkipReason` is given.
    """
    due_at = due(now, interaction.occurred_at, rule, person)
    reason = (
        _never(now, due_at, interaction, rule)
        or _not_this_person(rule, person)
        or _not_drawn(tenant_id, interaction, rule)
        or _too_often(due_at, rule, ledger)
    )
    probability = _probability(rule)
    if reason:
        return Decision("skipped", reason, None, probability)
    return Decision("scheduled", None, due_at, probability)


def _never(now: datetime, due_at: datetime, interaction: InteractionFacts, rule: RuleFacts) -> SkipReason | None:
    if interaction.is_historic:
        return "historic"
    lifetime = timedelta(days=rule.expires_after_days)
    planned_at = interaction.occurred_at + timedelta(minutes=rule.delay_minutes)
    # The delay is the author's wish and does not use up the lifetime; waiting for the morning does.
    if now - interaction.occurred_at > lifetime or due_at - planned_at > lifetime:
        return "expired"
    return None


def _not_this_person(rule: RuleFacts, person: PersonFacts) -> SkipReason | None:
    if rule.channel in ADDRESSED and rule.channel not in person.addresses:
        return "no_address"
    return "unsubscribed" if person.is_unsubscribed else None


def _probability(rule: RuleFacts) -> float:
    return rule.sample_percent / 100


def _not_drawn(tenant_id: str, interaction: InteractionFacts, rule: RuleFacts) -> SkipReason | None:
    """Draw lots by a hash, so that deciding again gives the same and nobody can choose who is asked."""
    digest = hashlib.sha256(f"{tenant_id}/{rule.id}/{interaction.id}".encode()).digest()
    lot = int.from_bytes(digest[:6], "big") / 2**48
    return None if lot < _probability(rule) else "not_sampled"


def _too_often(due_at: datetime, rule: RuleFacts, ledger: Sequence[datetime]) -> SkipReason | None:
    if rule.purpose == "follow_up":
        return None
    gap = timedelta(days=max(rule.gap_days, rule.min_gap_days or 0))
    if any(abs(due_at - asked_at) < gap for asked_at in ledger):
        return "min_gap"
    recent = sum(due_at - asked_at < _YEAR for asked_at in ledger)
    return "annual_cap" if recent >= rule.annual_cap else None


def due(now: datetime, occurred_at: datetime, rule: RuleFacts, person: PersonFacts) -> datetime:
    """When to ask (UTC): the delay after the interaction, at the earliest now, outside quiet hours."""
    due_at = max(occurred_at + timedelta(minutes=rule.delay_minutes), now)
    return after_quiet_hours(due_at, rule.channel, rule.quiet_hours, person)


def after_quiet_hours(moment: datetime, channel: Channel, quiet_hours: bool, person: PersonFacts) -> datetime:
    """The first moment, not before `moment`, at which the channel may disturb the person (UTC).

    Email may come in the tenant's sending hours on the person's clock, by default 09:00-20:00, SMS in those that also
    lie in 09:00-19:00. Where the person's zone is unknown the tenant's stands in, narrowed to 10:00-18:00. Other
    channels disturb nobody.
    """
    if not quiet_hours or channel not in ADDRESSED:
        return moment.astimezone(UTC)
    opens, closes = _window(channel, person)
    local = moment.astimezone(_zone(person))
    if local.hour < opens:
        return _at_hour(local, opens)
    if local.hour >= closes:
        return _at_hour(local + timedelta(days=1), opens)
    return moment.astimezone(UTC)


def quiet_from(moment: datetime, channel: Channel, quiet_hours: bool, person: PersonFacts) -> datetime | None:
    """When the hours end in which `moment` lies and the channel may disturb the person (UTC); None for never."""
    if not quiet_hours or channel not in ADDRESSED:
        return None
    _opens, closes = _window(channel, person)
    return _at_hour(moment.astimezone(_zone(person)), closes)


def _zone(person: PersonFacts) -> ZoneInfo:
    return ZoneInfo(person.timezone or person.tenant_timezone)


def _window(channel: Channel, person: PersonFacts) -> tuple[int, int]:
    window = person.sending_hours
    if channel == "sms":
        window = _overlap(window, _SMS_HOURS)
    return window if person.timezone else _overlap(window, _NARROW_HOURS)


def _overlap(window: tuple[int, int], narrower: tuple[int, int]) -> tuple[int, int]:
    # A tenant who sends in the evening only has no overlap; its own word then stands.
    opens, closes = max(window[0], narrower[0]), min(window[1], narrower[1])
    return (opens, closes) if opens < closes else window


def _at_hour(local: datetime, hour: int) -> datetime:
    day = local + timedelta(days=hour // 24)
    return datetime.combine(day, time(hour % 24), local.tzinfo).astimezone(UTC)


def expires_at(sent_at: datetime, expires_after_days: int) -> datetime:
    """When an invitation that nobody answered stops taking answers."""
    return sent_at + timedelta(days=expires_after_days)


@dataclass(frozen=True)
class InvitationFacts:
    """An invitation about to be sent. `is_withdrawn`: its survey, rule or customer is no longer there."""

    channel: Channel
    due_at: datetime
    expires_after_days: int
    quiet_hours: bool = True
    is_withdrawn: bool = False


@dataclass(frozen=True)
class SendDecision:
    """What to do with an invitation now; `until` says how long a held one waits."""

    action: SendAction
    until: datetime | None = None


def recheck_at_send(now: datetime, invitation: InvitationFacts, person: PersonFacts) -> SendDecision:
    """Look again just before sending: much may have changed since the invitation was planned.

    One that is late by more than its own lifetime (a long outage) is not sent at all.
    """
    if invitation.is_withdrawn:
        return SendDecision("cancelled")
    if now > expires_at(invitation.due_at, invitation.expires_after_days):
        return SendDecision("expired")
    if invitation.channel in ADDRESSED and invitation.channel not in person.addresses:
        return SendDecision("no_address")
    if person.is_unsubscribed:
        return SendDecision("unsubscribed")
    until = after_quiet_hours(now, invitation.channel, invitation.quiet_hours, person)
    return SendDecision("hold", until) if until > now else SendDecision("send")
