"""A survey sent to oneself: the same mail and the same page as a customer's, but nothing of it ever counts."""

from __future__ import annotations

from uuid import UUID

from app.customers.service import find_or_create_customer
from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.errors import Conflict
from app.surveys.design.queries import get_survey_by_key, newest_version
from app.surveys.outreach.models import Invitation
from app.surveys.outreach.service.invitations import Plan, schedule
from app.tenants import audit


def invite_tester(survey_key: str, email: str, name: str, locale: str, touchpoint_id: UUID | None = None) -> Invitation:
    """Ask this person at once, whatever the hour and however often: it is no ask of the ledger, and its answer is set
    aside as a test.

    Raises NotFound for an unknown survey, Conflict for one that asks nobody (unpublished or closed), and Invalid for an
    address that is none.
    """
    with atomic():
        survey = get_survey_by_key(survey_key)
        version = newest_version(survey)
        if version is None or survey.closed_at is not None:
            raise Conflict("This survey asks nobody: it is not published, or closed.")
        customer, _is_new = find_or_create_customer([("email", email)], name=name, locale=locale, source="test")
        plan = Plan(customer, version.id, clock.now(), purpose="test", touchpoint_id=touchpoint_id, locale=locale)
        audit.record("invitation.sent_to_self", "survey", survey_key, after={"email": email})
        return schedule([plan])[0]
