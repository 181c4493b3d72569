"""What an answer means, and when the next try is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.delivery.webhooks import rules
from app.delivery.webhooks.rules import TEST, WAITS, Outcome, judge, read_retry_after, readable_answer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_2xx_is_taken(status: int) -> None:
    assert judge(Outcome(status), "case.opened", 1, NOW, 0.5).state == "delivered"


@pytest.mark.parametrize("status", [None, 100, 302, 307, 400, 401, 404, 429, 500, 503])
def test_all_else_is_tried_again_and_one_day_given_up(status: int | None) -> None:
    verdicts = [judge(Outcome(status), "case.opened", attempt, NOW, 0.5) for attempt in range(1, len(WAITS) + 2)]
    assert [verdict.state for verdict in verdicts] == ["waiting"] * len(WAITS) + ["dead"]
    waits = [verdict.due_at - NOW for verdict in verdicts if verdict.due_at is not None]
    assert waits == list(WAITS) == sorted(waits)
    assert timedelta(hours=24) < sum(waits, timedelta()) < timedelta(hours=72)


def test_gone_and_a_test_are_not_tried_again() -> None:
    assert judge(Outcome(410), "case.opened", 1, NOW, 0.5).state == "dead"
    assert judge(Outcome(500), TEST, 1, NOW, 0.5).state == "dead"


def test_the_waits_vary_by_a_fifth() -> None:
    ends = [judge(Outcome(500), "case.opened", 4, NOW, jitter).due_at for jitter in (0.0, 1.0)]
    assert ends == [NOW + WAITS[3] * 0.8, NOW + WAITS[3] * 1.2]


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        (None, 0),
        ("120", 120),
        (" 7 ", 7),
        ("Sun, 01 Mar 2026 12:05:00 GMT", 300),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 01 Mar 2026 12:05:00", 300),
        ("-5", 0),
        ("1e9", 0),
        ("soon", 0),
        ("", 0),
        ("٣", 0),
    ],
)
def test_a_retry_after_is_read(value: str | None, wait: int) -> None:
    assert read_retry_after(value, NOW) == timedelta(seconds=wait)


def test_a_retry_after_is_followed_within_bounds() -> None:
    def due(status: int, value: str, attempt: int = 1) -> datetime | None:
        return judge(Outcome(status, retry_after=value), "case.opened", attempt, NOW, 0.5).due_at

    assert due(429, "600") == due(503, "600") == NOW + timedelta(minutes=10)
    assert due(503, "999999999") == NOW + rules.MOST_WAIT
    assert due(503, "1", attempt=5) == NOW + WAITS[4]
    assert due(500, "600") == NOW + WAITS[0]


def test_an_answer_is_shown_as_text_or_not_at_all() -> None:
    assert readable_answer("a\0b\x1b[31m\nü 好".encode() + b"\xff", {}) == "a b [31m\nü 好\ufffd"
    assert readable_answer(b"\x1f\x8b", {"content-encoding": "gzip"}) == ""
    assert len(readable_answer(b"x" * 70_000, {})) == rules.LONGEST_ANSWER
