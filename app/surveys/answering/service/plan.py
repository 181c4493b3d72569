"""Answers and the tenant's plan: which are over it, and how they come to count once it has grown.

An answer over the plan is kept like any other and opens its case: an unhappy customer is never ignored for a bill. It
is in no figure until the plan of its month covers it.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.billing.service.counting import count_one, cover, lock_room
from app.kernel.db import atomic, db
from app.kernel.events import publish_all
from app.surveys.answering.events import ResponseReleased
from app.surveys.answering.models import Response

_BATCH = 200


def count_in_plan(response: Response) -> None:
    """Count a new response in the running transaction and mark it when it is over the plan.

    What closes the loop costs nothing: an answer to a follow-up is always covered. A test is nobody's answer.
    """
    if response.survey_kind != "follow_up" and response.parked_reason != "test":
        month, is_covered = count_one("responses")
        response.over_plan_month = None if is_covered else month


def release_over_plan() -> None:
    """Let answers that were over the plan count, month by month and oldest first, as far as it covers them now.

    A transaction for each batch; doing it again, or twice at once, releases none twice.
    """
    for month in _months():
        while _release_some(month) == _BATCH:
            pass


def _months() -> list[date]:
    months = select(Response.over_plan_month).where(Response.over_plan_month.is_not(None)).distinct()
    with atomic():
        return sorted(month for month in db.session.scalars(months) if month is not None)


def _release_some(month: date) -> int:
    with atomic():
        room = lock_room("responses", month)
        # Whoever else releases has waited at the lock, and finds these gone.
        waiting = select(Response).where(Response.over_plan_month == month).order_by(Response.id)
        some = waiting.limit(_BATCH if room is None else min(room, _BATCH))
        released = list(db.session.scalars(some.with_for_update().execution_options(populate_existing=True)))
        for response in released:
            response.over_plan_month = None
        cover("responses", month, len(released))
        publish_all([ResponseReleased(response.id) for response in released])
        return len(released)
