"""When a partner's answer is due and reminded of, what a question does to the case, and which words are the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.kernel.ids import new_id
from app.loop.cases import partner_rules as rules
from app.loop.cases.rules import OPEN
from app.loop.sla.rules import default_calendar

CALENDAR = default_calendar("Asia/Shanghai")


def at(text: str) -> datetime:
    """A moment of September 2026 in Shanghai, such as "21 10:00" (the 21st is a Monday)."""
    return datetime.strptime(f"2026-09-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("asked", "days", "due", "reminder"),
    [
        ("21 10:00", 2, "23 10:00", "22 10:00"),
        ("25 17:00", 2, "29 17:00", "28 17:00"),  # over a weekend
        ("26 12:00", 1, "29 09:00", None),  # asked on a Saturday: all of Monday
        ("21 10:00", 1, "22 10:00", None),
    ],
)
def test_business_days_of_the_calendar(asked: str, days: int, due: str, reminder: str | None) -> None:
    assert rules.answer_due(CALENDAR, at(asked), days) == at(due)
    assert rules.reminder_due(CALENDAR, at(asked), days) == (at(reminder) if reminder else None)


def test_an_answer_at_the_due_time_is_in_time() -> None:
    due = datetime(2026, 9, 23, tzinfo=UTC)
    assert not rules.is_late(due, due)
    assert rules.is_late(due + timedelta(microseconds=1), due)


def test_what_is_resolved_stays_resolved() -> None:
    assert {status for status in OPEN if not rules.waits_for_answer(status)} == {"resolved", "waiting_partner"}


@pytest.mark.parametrize("status", OPEN)
def test_only_a_wait_for_the_partner_ends(status: str) -> None:
    assert rules.ends_wait(status, has_open_question=False) == (status == "waiting_partner")
    assert not rules.ends_wait(status, has_open_question=True)


def test_the_same_words_are_one_fact_until_something_else_is_said() -> None:
    first, other = (new_id(), "Late"), (new_id(), "Mended")
    assert rules.name_of_saying("Late", []) == rules.name_of_saying("Late", [first])
    assert rules.name_of_saying("Late", [first]) != rules.name_of_saying("Late", [first, other])
    assert rules.name_of_saying("Late", []) != rules.name_of_saying("late", [])
