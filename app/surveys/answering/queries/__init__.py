"""Look-ups: `links` (what an invitation opens), `responses`, `counting` (which count), `behind` (those behind a
figure), `widgets`."""

from __future__ import annotations

from app.surveys.answering.queries.behind import CountedFilter, counted_in
from app.surveys.answering.queries.counting import counts, is_kept
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
from app.surveys.answering.queries.widgets import get_widget, list_widgets

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
    "get_widget",
    "identity_of_invitation",
    "is_kept",
    "list_widgets",
    "lock_invitation",
    "page_of_responses",
    "public_id",
]
