"""What a customer is promised the moment they have answered, when the case itself opens only a second later."""

from __future__ import annotations

from datetime import datetime

from app.loop.cases import rules
from app.loop.cases.queries.customer import find_customers_case, find_followed_up_case, follow_path
from app.loop.cases.service.clocks import clock_starts
from app.loop.cases.service.opening import calls_for_case
from app.loop.sla import queries as sla
from app.loop.sla.rules import first_contact_due
from app.surveys.answering.models import Response, scores_of
from app.surveys.answering.queries import Promise


def promise_after_answer(response: Response) -> Promise | None:
    """Where the customer of this response follows their case, and until when somebody is in touch with them.

    None when the answer calls for no case, and for nobody whom we know: whom we cannot reach we promise nothing, and a
    link that leads from a person to an anonymous answer must not exist.
    """
    if response.customer_id is None or response.is_historic or response.parked_at is not None:
        return None
    if response.survey_kind == "follow_up":
        asked = find_followed_up_case(response.invitation_id)
        return Promise(follow_path(asked.response_id), None) if asked else None
    case = find_customers_case(response.id)
    if case is not None:
        waits = case.status != "closed" and case.first_contact_at is None
        return Promise(follow_path(response.id), case.first_contact_due_at if waits else None)
    return Promise(follow_path(response.id), _contact_by(response)) if calls_for_case(response) else None


def _contact_by(response: Response) -> datetime:
    severity = rules.severity(scores_of(response))
    return first_contact_due(clock_starts(response), severity, sla.clock_settings())
