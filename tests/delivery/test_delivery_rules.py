"""What servers answer, what may stand in a header, and when to stop trying."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.delivery.rules import (
    PATIENCE,
    envelope_address,
    is_given_up,
    is_lapsed,
    is_one_line,
    judge_reply,
    one_line,
)
from tests import hostile

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "fate"),
    [(250, "sent"), (251, "sent"), (421, "postponed"), (450, "postponed"), (550, "failed"), (554, "failed")],
)
def test_a_reply_says_whether_it_is_for_now_or_for_good(code: int, fate: str) -> None:
    assert judge_reply(code, "words").fate == fate


def test_nonsense_for_an_answer_is_for_now() -> None:
    assert judge_reply(-1, "").fate == "postponed"


def test_hostile_text_becomes_one_line() -> None:
    for text in hostile.strings():
        line = one_line(text)
        assert is_one_line(line) and len(line) <= 200 and line == line.strip()
    assert one_line("Acme\r\nBcc: a@example.com\u2028x") == "Acme Bcc: a@example.com x"
    assert one_line("阿克米 👩‍👩‍👧‍👦") == "阿克米 👩‍👩‍👧‍👦"


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b", "a\x85b", "a\u2029b", "a\ud800b"])
def test_a_break_is_never_one_line(text: str) -> None:
    assert not is_one_line(text)


def test_addresses_are_written_as_servers_take_them() -> None:
    assert envelope_address("Ana@bücher.example") == "Ana@xn--bcher-kva.example"
    assert envelope_address("用户@example.com") == "用户@example.com"
    for bad in ("", "nobody", "a@b@c", "a\n@example.com", "ana@example.com\r\nRCPT TO:<x@example.com>"):
        with pytest.raises(ValueError):
            envelope_address(bad)


def test_patience_ends_and_so_do_the_hours() -> None:
    assert not is_given_up(NOON + PATIENCE - timedelta(seconds=1), NOON)
    assert is_given_up(NOON + PATIENCE, NOON)
    assert not is_lapsed(NOON, None)
    assert not is_lapsed(NOON, NOON + timedelta(seconds=1))
    assert is_lapsed(NOON, NOON)
