"""What an example may not do, whose addresses in it are invented, and when it goes by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

KEPT_UNOPENED = timedelta(days=30)
"""An example that nobody has opened for so long goes by itself."""
NOTED_EVERY = timedelta(days=1)
"""An opening is written down at most so often."""
LONGEST_STEM = 32
"""Of the short name of a tenant in that of its example: together they are not cut."""

_INVENTED = "example.heed.test"
"""No mail ever leaves for this domain: `.test` is kept free for what is not real."""

CHAPTERS = 17
"""How many parts the story of an example is told in, each seen as soon as it is there."""
FIRST_FIGURES = 4
"""After so many the first page shows what customers say now; the year before follows."""

CLOSED_BLUEPRINTS = frozenset(
    {"keys", "webhooks", "billing", "identity", "sign_in_rule", "share", "widgets", "departing"}
)
"""What lets somebody in from outside, or tells somebody there, or costs something; and a slower way of removing it."""
CLOSED_PAGES = frozenset({"team.invite", "team.send_again", "partners.add_person", "example.enter"})
"""… and single pages that do."""


def is_closed(endpoint: str | None) -> bool:
    """Whether a page has no place in an example."""
    return endpoint is not None and (endpoint in CLOSED_PAGES or endpoint.partition(".")[0] in CLOSED_BLUEPRINTS)


def mail_domain(tenant_id: UUID) -> str:
    """Where the invented people of this example have their addresses: its own, so that none is met in another."""
    return f"{tenant_id.hex[-12:]}.{_INVENTED}"


def is_invented(address: str) -> bool:
    """Whether nobody has this address, because we made it up."""
    return address.lower().endswith(f".{_INVENTED}")


def is_left_alone(opened_at: datetime, now: datetime) -> bool:
    """Whether an example that was last opened then has to go."""
    return now >= opened_at + KEPT_UNOPENED


def is_to_be_noted(opened_at: datetime, now: datetime) -> bool:
    """Whether an opening now says more than the last one that was written down."""
    return now >= opened_at + NOTED_EVERY
