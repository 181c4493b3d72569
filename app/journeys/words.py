"""What channels, layers and emotions are called on pages."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.journeys.rules import LOWEST_EMOTION

LAYER_WORDS = {"frontline": _l("Customers meet them"), "support": _l("They stand behind those whom customers meet")}

CHANNEL_WORDS = {
    "email": _l("E-mail"),
    "other": _l("Other"),
    "web": _l("Website"),
    "app": _l("App"),
    "phone": _l("Phone"),
    "store": _l("Store"),
    "delivery": _l("Delivery"),
    "chat": _l("Chat"),
    "sms": _l("Text message"),
    "mail": _l("Letter"),
    "self_service": _l("Self-service machine"),
}

EMOTION_WORDS = (
    _l("despair"),
    _l("anger"),
    _l("frustration"),
    _l("anxiety"),
    _l("irritable"),
    _l("worry"),
    _l("impatient"),
    _l("tired"),
    _l("passive"),
    _l("indifferent"),
    _l("calm"),
    _l("engaged"),
    _l("eager"),
    _l("happy"),
    _l("excited"),
    _l("proud"),
    _l("optimistic"),
    _l("stimulated"),
    _l("accepting"),
    _l("enthusiastic"),
)
"""From the lowest rank to the highest."""


def channel_words(channel: str) -> LazyString | str:
    """What a channel is called; the tenant's own words stand for themselves."""
    return CHANNEL_WORDS.get(channel, channel)


def emotion_words(rank: int) -> LazyString:
    """What the emotion of a rank is called."""
    return EMOTION_WORDS[rank - LOWEST_EMOTION]
