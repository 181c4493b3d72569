"""What a touchpoint may be: channels, layers, desired emotions, and what is wrong with one that is given."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.kernel.errors import Fault

LAYERS = ("frontline", "support")
"""Whether customers meet a department, or it stands behind those they meet."""

CHANNELS = ("email", "web", "app", "phone", "store", "delivery", "chat", "sms", "mail", "self_service")
"""Where customers and brand commonly meet. A tenant may write another word of its own."""

CHANNEL_PATTERN = r"^[a-z0-9_-]{1,32}$"
LOWEST_EMOTION, HIGHEST_EMOTION = 1, 20
"""Ranks on the ladder of twenty emotions, from despair to enthusiasm."""

_CHANNEL = re.compile(r"[a-z0-9_-]{1,32}")


@dataclass(frozen=True)
class TouchpointInput:
    """A touchpoint as it is sent: other things by their keys, one of `department` and `partner` or neither."""

    name: str
    journey: str
    stage: str
    channel: str
    department: str | None = None
    partner: str | None = None
    desired_emotion: int | None = None


@dataclass(frozen=True)
class StageInput:
    """A stage as it is sent; without `key` it is a new one."""

    name: str
    key: str = ""


def touchpoint_faults(given: TouchpointInput) -> list[Fault]:
    """What is wrong with a touchpoint by itself, whatever else the tenant has."""
    faults = []
    if not _CHANNEL.fullmatch(given.channel):
        faults.append(Fault("/channel", "A channel has 1 to 32 of the characters a-z, 0-9, _ and -."))
    if given.department and given.partner:
        faults.append(Fault("/partner", "Either a department or a partner answers for a touchpoint, not both."))
    rank = given.desired_emotion
    if rank is not None and not LOWEST_EMOTION <= rank <= HIGHEST_EMOTION:
        faults.append(Fault("/desired_emotion", f"A rank from {LOWEST_EMOTION} to {HIGHEST_EMOTION}."))
    return faults


def moved(keys: list[str], key: str, steps: int) -> list[str]:
    """The keys in their new order after `key` has gone `steps` places on (back when negative), at most to an end."""
    rest = [other for other in keys if other != key]
    place = min(max(keys.index(key) + steps, 0), len(rest))
    return [*rest[:place], key, *rest[place:]]
