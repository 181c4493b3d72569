"""How long a session lasts, what a way of signing in is worth, which browser it was, and which addresses are ours."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)
"""A session is over when nobody came for so long, and after so long in any case."""
FRESH = timedelta(minutes=10)
"""For so long after a proof of identity nobody asks for another."""
SEEN_EVERY = timedelta(minutes=5)
SECOND_STEP_WITHIN = timedelta(minutes=10)
CHALLENGE_WITHIN = timedelta(minutes=5)
SIGN_INS_KEPT = timedelta(days=90)
SESSIONS_KEPT = timedelta(days=30)
"""Rows of sessions that nobody has come with for so long are forgotten."""
DAY = timedelta(days=1)
FORGOTTEN_AFTER = (DAY + LONGEST + SESSIONS_KEPT, DAY + SIGN_INS_KEPT)
"""So long after a person's first try of a day its sessions, and then all its tries, are old enough to be forgotten."""

PROVIDER = "provider"
WAYS = (PROVIDER, "password", "two_steps", "passkey")
"""How somebody has proved who they are: not to us, only to a tenant's provider; then what is their own: the password
alone, it and a second step, a passkey that checked the person."""
SIGN_IN_RULES = ("any", "two_steps", "passkey", PROVIDER)
"""What a tenant asks of everybody's session: any way, at least two steps, a passkey, its own provider."""

RECOVERY_CODES = 10
MOST_PASSKEYS = 20


def is_over(begun_at: datetime, seen_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a session lets nobody in any more."""
    return ended_at is not None or now >= seen_at + IDLE or now >= begun_at + LONGEST


def suffices(way: str, rule: str, *, is_vouched: bool = False) -> bool:
    """Whether a session of this way may work in a tenant with this rule; `is_vouched` when that tenant's own provider
    speaks for it, which asks for as many steps as the tenant has set there."""
    if is_vouched and rule != "passkey":
        # Also after a proof of the person's own: it takes nothing from what the provider has said.
        return True
    if PROVIDER in (rule, way):
        return False
    return WAYS.index(way) > SIGN_IN_RULES.index(rule)


def stronger(one: str, other: str) -> str:
    """The one of two ways that proves more."""
    return max(one, other, key=WAYS.index)


def weaker(one: str, other: str) -> str:
    """The one of two ways that proves less."""
    return min(one, other, key=WAYS.index)


def strongest(*, has_passkey: bool, has_app: bool) -> str:
    """The way that proves most of those that somebody with a password and these has."""
    if has_passkey:
        return "passkey"
    return "two_steps" if has_app else "password"


def is_local(target: str) -> bool:
    """Whether an address leads to a page of this site, however a browser reads it."""
    # Browsers read a backslash as a slash and drop control characters, so both could spell another host.
    is_plain = not any(character == "\\" or ord(character) < 33 or ord(character) == 127 for character in target)
    return is_plain and target.startswith("/") and not target.startswith("//")


def read_code(text: str) -> str:
    """What was typed as a code, without the spaces and dashes that people add."""
    return re.sub(r"[\s-]", "", text).lower()


_BROWSERS = (
    (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|Chromium/|CriOS/", "Chrome"),
    (r"Safari/", "Safari"),
)
_SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "Mac"),
    (r"CrOS", "ChromeOS"),
    (r"Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """Browser and system in names that people know ("Firefox, Windows"); empty when neither is one of them."""
    found = [
        next((name for pattern, name in known if re.search(pattern, user_agent)), "") for known in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(name for name in found if name)
