"""Whom a provider may speak for, how long a sign-in through it may take, and which signatures count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import idna

NEWCOMER_ROLES = ("lead", "agent", "analyst", "viewer")
"""What somebody may become whom nobody has invited: never an admin, never a partner's."""
FLOW_WITHIN = timedelta(minutes=10)
"""So long a sign-in at the provider may take."""
LEEWAY_SECONDS = 60
"""So far the provider's clock may be from ours."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures with a key pair. With a shared secret whoever knows the public key, or the client secret, could sign."""
MOST_PROVIDERS, MOST_DOMAINS, LONGEST_SUBJECT = 10, 50, 255

_DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-)[a-z0-9-]{2,63}(?<!-)", re.ASCII)


@dataclass(frozen=True)
class Claims:
    """What a provider has said of somebody, its signature and its terms checked."""

    subject: str
    email: str | None
    """None unless the provider says that it has verified it."""
    name: str
    authenticated_at: datetime | None
    """When they last showed the provider who they are, where it tells."""


def claims_of(said: Mapping[str, Any]) -> Claims | None:
    """The claims in a checked ID token (OpenID Connect Core 1.0, 2 and 5.1); None without a usable subject."""
    subject, name = said.get("sub"), said.get("name")
    if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        return None
    # Only the JSON value true counts: "true", 1 and "yes" are words of somebody who has not read the standard.
    email = said.get("email") if said.get("email_verified") is True else None
    return Claims(
        subject,
        email if isinstance(email, str) and "\0" not in email else None,
        " ".join(name.replace("\0", "").split())[:200] if isinstance(name, str) else "",
        moment_of(said.get("auth_time")),
    )


def moment_of(seconds: Any) -> datetime | None:
    """The moment that a number of seconds since 1970 stands for; None for what is none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 4_000_000_000:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def vouches_for(domains: str, email: str) -> bool:
    """Whether a provider with these domains may speak for this address: for the very domain, not for those below it."""
    return _in_ascii(email.rpartition("@")[2].lower()) in domains.split()


def read_domains(text: str) -> tuple[list[str], list[str]]:
    """(the domains that were typed, as the name system has them and each once; what is no domain)."""
    typed = dict.fromkeys(part.strip().lstrip("@").lower() for part in re.split(r"[\s,;]+", text) if part.strip())
    read = {part: _in_ascii(part) for part in typed}
    good = dict.fromkeys(name for name in read.values() if _DOMAIN.fullmatch(name))
    return list(good), [part for part, name in read.items() if name not in good]


def _in_ascii(name: str) -> str:
    """The one spelling in which names are compared; what cannot be a name stays as it is."""
    try:
        return name if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return name


def usable_algorithms(told: Iterable[Any]) -> list[str]:
    """Those of a provider's algorithms whose signatures count."""
    known = {name for name in told if isinstance(name, str)}
    return [name for name in ALGORITHMS if name in known]


def fresh_until(claims: Claims, now: datetime, lasts: timedelta) -> datetime:
    """Until when nobody asks again: that a provider knows a browser of old proves nothing of who sits before it."""
    at = claims.authenticated_at
    return min(at, now) + lasts if at else now
