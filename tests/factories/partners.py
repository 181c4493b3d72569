"""Partners for tests."""

from __future__ import annotations

import itertools

from app.partners import service
from app.partners.models import Partner

_count = itertools.count(1)


def make_partner(key: str = "", name: str = "Swift Parcel") -> Partner:
    """A partner, under a key of its own when none is given."""
    return service.put_partner(key or f"partner-{next(_count)}", name)[0]
