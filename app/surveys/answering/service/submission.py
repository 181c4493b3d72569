"""What `submit_response` is given and what it gives back: plain values, whichever way the answers came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from app.customers.intake_rules import NewCustomer, read_customer
from app.surveys.answering.rules import PostedState, Scores, content_hash


@dataclass(frozen=True)
class ByInvitation:
    """By the link of an invitation: a customer who was asked."""

    invitation_id: UUID


@dataclass(frozen=True)
class ByOpenLink:
    """By the open link of a survey; `client_key` is made by the page and makes its POSTs one response.

    `touchpoint` is the key in the address, which says where the link was found; one that names none is left out of
    account: a code that is printed cannot be corrected.
    """

    survey_key: str
    client_key: str
    touchpoint: str | None = None


@dataclass(frozen=True)
class ByWidget:
    """By a widget in somebody's page; `client_key` as for an open link."""

    widget_id: UUID
    client_key: str


@dataclass(frozen=True)
class BySender:
    """By another system. Other things are named by their keys, `interaction` and `id` by the sender's own ids."""

    survey: str
    version: int | None = None
    id: str | None = None
    touchpoint: str | None = None
    interaction: str | None = None
    customer: NewCustomer | None = None
    partner: str | None = None
    answered_at: datetime | None = None
    is_historic: bool = False
    source: Literal["api", "import"] = "api"

    def meaning(self) -> dict[str, Any]:
        """Plain values that are equal for two requests which say the same. Raises Invalid for a bad customer."""
        return {
            "survey": self.survey,
            "version": self.version,
            "touchpoint": self.touchpoint,
            "interaction": self.interaction,
            "customer": read_customer(self.customer).meaning() if self.customer else None,
            "partner": self.partner,
            "answered_at": self.answered_at.astimezone(UTC).isoformat() if self.answered_at else None,
            "historic": self.is_historic,
        }


Way = ByInvitation | ByOpenLink | ByWidget | BySender


@dataclass(frozen=True)
class Submission:
    """Answers to one survey.

    `answers` are JSON values by question key, or with `is_form` the strings that a form posted under each key. A form
    carries the whole page and replaces what was saved before; JSON is merged into it by question key, where an empty
    text takes an answer back. `locale` is the language the customer
    read, None for the one they were asked in, else for the first of those `preferred` by their browser that is offered;
    `is_trapped` says that a field was filled in which no person sees.
    """

    way: Way
    answers: Mapping[str, Any]
    complete: bool = True
    revision: int | None = None
    locale: str | None = None
    preferred: tuple[str, ...] = ()
    is_form: bool = False
    is_trapped: bool = False

    def posted_state(self) -> PostedState:
        """What this POST says about itself, with a fingerprint of its content."""
        content: dict[str, Any] = {"answers": dict(self.answers), "complete": self.complete}
        if isinstance(self.way, BySender):
            content |= {"sender": self.way.meaning(), "locale": self.locale}
        return PostedState(content_hash(content), self.complete, self.is_form, self.revision)


@dataclass(frozen=True)
class Outcome:
    """What is stored now. `is_new`: this submission made the response."""

    response_id: UUID
    public_id: str
    status: str
    revision: int
    scores: Scores
    is_new: bool
