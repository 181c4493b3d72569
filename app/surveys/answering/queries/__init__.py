"""Look-ups of this room: `links` (what the link of an invitation opens), `responses`, `counting` (what counts)."""

from __future__ import annotations

from app.surveys.answering.queries.counting import CountedFilter, counted_in, counts
from app.surveys.answering.queries.links import (
    Link,
    Promise,
    find_promise,
    get_link,
    identity_of_invitation,
    lock_invitation,
)
from app.surveys.answering.queries.responses import (
    Identity,
    ResponseFilter,
    find_by_identity,
    get_response,
    get_response_by_public_id,
    page_of_responses,
    public_id,
)

__all__ = [
    "CountedFilter",
    "Identity",
    "Link",
    "Promise",
    "ResponseFilter",
    "counted_in",
    "counts",
    "find_by_identity",
    "find_promise",
    "get_link",
    "get_response",
    "get_response_by_public_id",
    "identity_of_invitation",
    "lock_invitation",
    "page_of_responses",
    "public_id",
]
