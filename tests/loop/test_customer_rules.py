"""The rules of the customer's own page: first names, promises, what is told, and until when it listens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.loop.cases import customer_rules as rules
from app.loop.cases.customer_rules import Line, Promise
from app.loop.cases.rules import STATUSES

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Li Lei", "Li"),
        ("Bob", "Bob"),
        ("  Mary-Jane   O'Neil ", "Mary-Jane"),
        ("Dr. Anna Smith", "Anna"),
        ("Smith, Anna", "Anna"),
        ("王芳", "芳"),
        ("李雷雷", "雷雷"),
        ("李 雷", "雷"),
        ("欧阳娜娜", "娜娜"),
        ("欧阳", "阳"),
        ("王", None),
        ("山田タロウ", None),
        ("维克多·雨果", "维克多"),
        ("bob@example.com", None),
        ("", None),
        (" ", None),
        ("Dr.", None),
        ("x" * 41, None),
    ],
)
def test_only_the_first_name_is_told(name: str, first: str | None) -> None:
    assert rules.first_name(name) == first


@pytest.mark.parametrize("status", STATUSES)
def test_the_contact_is_promised_first_and_then_the_resolution(status: str) -> None:
    contact, resolution = NOON + HOUR, NOON + DAY
    before = rules.running_promise(status, contact, None, resolution, NOON)
    after = rules.running_promise(status, contact, NOON, resolution, NOON)
    if status in ("resolved", "closed"):
        assert before is after is None
    else:
        assert before == Promise("contact", contact, False)
        assert after == (None if status == "waiting_customer" else Promise("resolution", resolution, False))


def test_late_is_after_the_due_time() -> None:
    def is_late(now: datetime) -> bool:
        found = rules.running_promise("new", NOON, None, NOON + DAY, now)
        assert found is not None
        return found.is_late

    assert not is_late(NOON) and is_late(NOON + timedelta(microseconds=1))


def test_it_listens_as_long_as_the_follow_up_can_be_answered() -> None:
    last = NOON + 21 * DAY
    assert rules.is_listening("closed", NOON, False, 7, last)
    assert not rules.is_listening("closed", NOON, False, 7, last + timedelta(seconds=1))
    assert rules.is_listening("resolved", None, False, 7, last + 999 * DAY)
    assert not rules.is_listening("new", None, True, 7, NOON)


def test_only_what_is_the_customer_s_is_told() -> None:
    secret = {"root_causes": [{"code": "policy"}], "message": "Sorry", "outcome": "rejected", "for": "partner", "to": 1}
    told = {"opened", "answer_added", "contacted", "contact_attempted", "causes_set", "resolution_withdrawn", "closed"}
    told |= {"resolved", "follow_up_answered", "objected", "thanked", "reopened"}
    inside = {"noted", "assigned", "severity_changed", "waiting_began", "waiting_ended", "case_merged", "breached"}
    inside |= {"follow_up_planned", "follow_up_skipped", "something new"}
    lines = [Line(kind, NOON, "SECRET", secret) for kind in sorted(told | inside)]
    steps = rules.steps(lines)
    assert {step.kind for step in steps} == told
    assert {step.kind for step in steps if step.quote == "SECRET"} == {"objected", "thanked"}
    assert {step.quote for step in steps} == {"SECRET", "Sorry", ""}
    (asked,) = rules.steps([Line("waiting_began", NOON, "SECRET", {"for": "customer"})])
    assert (asked.kind, asked.quote) == ("waiting_began", "")


def test_the_same_words_are_new_once_the_work_has_ended_anew() -> None:
    def name(text: str, *earlier: str) -> str:
        return rules.name_of_saying(text, earlier)

    assert name("a") == name("a", "noted", "reopened", "objected") != name("b")
    assert len({name("a"), name("a", "resolved"), name("a", "resolved", "closed")}) == 3


@pytest.mark.parametrize(
    ("story", "heard"),
    [
        (["opened"], None),
        (["opened", "objected"], "objected"),
        (["closed", "objected", "reopened"], "objected"),
        (["objected", "thanked"], "thanked"),
        (["objected", "contacted"], None),
        (["thanked", "closed"], None),
    ],
)
def test_what_was_heard_stands_until_something_is_done(story: list[str], heard: str | None) -> None:
    last = rules.heard_last(rules.steps([Line(kind, NOON, None, {}) for kind in story]))
    assert (last.kind if last else None) == heard
