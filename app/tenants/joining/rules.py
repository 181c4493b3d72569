"""How long the links that let people in hold, what state they were made for, and the short name of an organisation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta

from app.tenants.rules import slug_fault

SIGN_UP_HOLDS = timedelta(hours=24)
INVITE_HOLDS = timedelta(days=7)
SIGN_UP_KEPT = timedelta(days=7)
"""Then nothing is left of somebody who asked and never came."""

_LONGEST_STEM = 40


def sign_up_state(used_at: datetime | None) -> str:
    """What the link of a sign-up was made for; another once it has been used."""
    return "open" if used_at is None else "used"


def stem_of(name: str) -> str:
    """What the short names of an organisation begin with: `org` where no letter of its name may stand in an address."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_STEM].strip("-") or "org"


def slugs_for(name: str) -> Iterator[str]:
    """Short names for an organisation of this name, the plainest first: "Acme GmbH" is acme-gmbh, then acme-gmbh-2
    and so on up to 99. Every one can be used as it is."""
    stem = stem_of(name)
    for number in range(1, 100):
        slug = stem if number == 1 else f"{stem}-{number}"
        if slug_fault(slug) is None:
            yield slug
