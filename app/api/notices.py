"""What webhooks tell: each job puts one thing that happened into the words of the API and has it delivered.

The data is what a key with the scope `read` is shown, as it stands when the message is written; the time is that of
what happened.
"""

from __future__ import annotations

from uuid import UUID

from app.api.base import moment
from app.api.cases import case_out
from app.api.responses import response_out
from app.customers import queries as customers
from app.delivery.webhooks.service import queue_event
from app.insights.scorecards import queries as scorecards
from app.kernel.db import find_row
from app.loop.cases.models import Case, CaseEvent
from app.surveys.answering.models import Response


def tell_of_response(tenant_id: UUID, *, response_id: str) -> None:
    """A response is complete."""
    response = find_row(Response, UUID(response_id))
    if response is not None:
        at = response.completed_at or response.received_at
        queue_event("response.completed", response_id, at, lambda: response_out(response))


def tell_of_case(tenant_id: UUID, *, event_id: str) -> None:
    """Something was done about a case, or not in time."""
    event = find_row(CaseEvent, UUID(event_id))
    case = find_row(Case, event.case_id) if event is not None else None
    if event is not None and case is not None:
        queue_event(f"case.{event.kind}", event_id, event.at, lambda: case_out(case))


def tell_of_unsubscription(tenant_id: UUID, *, customer_id: str) -> None:
    """A customer does not want to be written to any more."""
    found = customers.find_suppression(UUID(customer_id))
    if found is not None:
        queue_event("customer.unsubscribed", str(found.id), found.at, lambda: {"customer": customer_id})


def tell_of_month(tenant_id: UUID, *, period: str) -> None:
    """The scorecards of a month are closed."""
    month = scorecards.find_month(period)
    if month is not None and month.closed_at is not None:
        data = {"period": period, "closed_at": moment(month.closed_at)}
        queue_event("scorecard.closed", period, month.closed_at, lambda: data)
