"""What is decided about asking the partner of a case: by when it answers, what a question and an answer do to the case.

The partner's clock is its own: it runs in business days, and no clock of the customer waits for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.loop.sla.rules import Calendar, add_business_days

USUAL_DAYS, MOST_DAYS = 2, 20
"""Business days that a partner has for an answer."""

WAITING = "waiting_partner"


def answer_due(calendar: Calendar, asked_at: datetime, business_days: int) -> datetime:
    """By when an answer is due."""
    return add_business_days(calendar, asked_at, business_days)


def reminder_due(calendar: Calendar, asked_at: datetime, business_days: int) -> datetime | None:
    """When the partner is reminded: one business day before the answer is due; not of what is due within a day."""
    return add_business_days(calendar, asked_at, business_days - 1) if business_days > 1 else None


def waits_for_answer(status: str) -> bool:
    """Whether an open case that is asked about waits for the partner from now on.

    What is resolved stays so: a question that comes after it is about what is left to know.
    """
    return status not in ("resolved", WAITING)


def ends_wait(status: str, *, has_open_question: bool) -> bool:
    """Whether the case goes back to its owner with what the partner has said, or with a question taken back."""
    return status == WAITING and not has_open_question


def is_late(answered_at: datetime, due_at: datetime) -> bool:
    """Whether an answer came after its due time; at the due time itself it is in time."""
    return answered_at > due_at


def name_of_saying(text: str, said: Sequence[tuple[UUID, str]]) -> str:
    """What makes a fact the same as one before: its words, until the partner has said something else about the case.

    `said` are (id, text) of what it has said so far, oldest first.
    """
    others = [str(id) for id, words in said if words != text]
    return f"{others[-1] if others else ''}:{hashlib.sha256(text.encode()).hexdigest()}"
