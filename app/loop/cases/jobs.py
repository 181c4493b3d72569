"""What is done about cases later, or because of what happened elsewhere: each job is one verb."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.loop.cases import service


def open_case_for_response(tenant_id: UUID, *, response_id: str) -> None:
    """A response is complete."""
    service.open_case_for_response(UUID(response_id))


def open_case_when_settled(tenant_id: UUID, *, response_id: str) -> None:
    """A part of a response was saved, and its customer has had time to go on."""
    service.open_case_when_settled(UUID(response_id))


def hear_follow_up(tenant_id: UUID, *, response_id: str) -> None:
    """A follow-up was answered."""
    service.hear_follow_up(UUID(response_id))


def hand_over_cases(tenant_id: UUID, *, user_id: str, heir_id: str | None) -> None:
    """Somebody works here no more."""
    service.hand_over_cases(UUID(user_id), UUID(heir_id) if heir_id else None)


def hand_over_unseen_cases(tenant_id: UUID, *, user_id: str) -> None:
    """Somebody sees a smaller part of the tenant; a second run after a break finds what is left."""
    service.hand_over_unseen_cases()


def hand_over_moved_cases(tenant_id: UUID, *, touchpoint_id: str) -> None:
    """A touchpoint went over to another department, whose people see it instead."""
    service.hand_over_unseen_cases()


def record_breach(tenant_id: UUID, *, case_id: str, clock: str, due_at: str) -> None:
    """A clock was to be stopped by now."""
    service.record_breach(UUID(case_id), clock, datetime.fromisoformat(due_at))


def end_long_wait(tenant_id: UUID, *, case_id: str, pause_id: str) -> None:
    """A pause has lasted as long as it may."""
    service.end_long_wait(UUID(case_id), UUID(pause_id))


def plan_follow_up(tenant_id: UUID, *, case_id: str, closure_id: str) -> None:
    """A case was closed."""
    service.plan_follow_up(UUID(case_id), UUID(closure_id))


def write_partner(tenant_id: UUID, *, question_id: str, is_reminder: bool) -> None:
    """The partner of a case was asked something, or its answer is due soon."""
    service.write_partner(UUID(question_id), is_reminder=is_reminder)


def hear_partner(tenant_id: UUID, *, statement_id: str) -> None:
    """The partner of a case has said something."""
    service.hear_partner(UUID(statement_id))
