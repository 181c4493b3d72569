"""What an outreach rule may say."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.errors import Fault
from app.surveys.outreach.rules import Channel

CHANNELS: tuple[Channel, ...] = ("email", "link")
"""The channels that something can be sent through."""
CHANNELS_WITHOUT_SENDER: tuple[Channel, ...] = ("sms", "webhook")
KINDS = ("transactional", "relationship")
"""The kinds of survey that are asked after an interaction: follow-ups belong to cases, internal ones to staff."""

MAX_TOUCHPOINTS = 100
MOST_DELAY_MINUTES = 525_600
MOST_DAYS = 365


@dataclass(frozen=True)
class RuleInput:
    """A rule as it is sent: touchpoints and survey by their keys, the rest as on OutreachRule."""

    touchpoints: tuple[str, ...]
    survey: str
    channel: Channel = "email"
    delay_minutes: int = 0
    sample_percent: int = 100
    expires_after_days: int = 14
    quiet_hours: bool = True
    min_gap_days: int | None = None
    is_active: bool = True


def rule_faults(given: RuleInput) -> list[Fault]:
    """What is wrong with a rule by itself, whatever else the tenant has."""
    faults = _channel_faults(given.channel)
    if not 1 <= len(given.touchpoints) <= MAX_TOUCHPOINTS:
        faults.append(Fault("/touchpoints", f"A rule listens to 1 to {MAX_TOUCHPOINTS} touchpoints."))
    ranges = (
        ("delay_minutes", given.delay_minutes, 0, MOST_DELAY_MINUTES),
        ("sample_percent", given.sample_percent, 0, 100),
        ("expires_after_days", given.expires_after_days, 1, MOST_DAYS),
        ("min_gap_days", given.min_gap_days, 0, MOST_DAYS),
    )
    for name, value, least, most in ranges:
        if value is not None and not least <= value <= most:
            faults.append(Fault(f"/{name}", f"Must be a whole number from {least} to {most}."))
    return faults


def _channel_faults(channel: str) -> list[Fault]:
    if channel in CHANNELS_WITHOUT_SENDER:
        return [Fault("/channel", f"No sender is configured for {channel}.")]
    if channel not in CHANNELS:
        return [Fault("/channel", f"A channel is one of {', '.join(CHANNELS)}.")]
    return []
