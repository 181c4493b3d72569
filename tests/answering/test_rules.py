"""What the answering room decides, from plain values."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.metrics.emotion import mask_of
from app.surveys.answering.rules import (
    Earlier,
    PostedState,
    Scores,
    StoredState,
    band,
    choose_locale,
    content_hash,
    is_not_solved,
    is_over,
    is_too_far_ahead,
    judge,
    next_revision,
    parked_reason,
    redact,
)
from tests.hostile import strings

NOW = datetime(2026, 1, 12, 12, tzinfo=UTC)


def saved(revision: int | None = None, text: str = "a", **more: bool) -> PostedState:
    return PostedState(text, **{"is_complete": False, **more}, revision=revision)


@pytest.mark.parametrize(
    ("posted", "verdict"),
    [
        (saved(4), "take"),
        (saved(3, "b"), "same"),
        (saved(1, "b"), "same"),
        (saved(None, "b"), "take"),
        (saved(None, "a"), "same"),
        (saved(4, is_complete=True), "take"),
        (saved(3, is_complete=True), "same"),
        (saved(1, "b", is_complete=True, is_form=True), "take"),
    ],
)
def test_while_it_is_open(posted: PostedState, verdict: str) -> None:
    assert judge(StoredState(False, 3, "a"), posted) == verdict


@pytest.mark.parametrize(
    ("posted", "verdict"),
    [
        (saved(9, is_complete=True), "same"),
        (saved(9, "b", is_complete=True), "conflict"),
        (saved(3, "b", is_complete=True), "conflict"),
        (saved(3, "b"), "same"),
        (saved(4, "b"), "conflict"),
        (saved(None, "b"), "conflict"),
        (saved(1, "b", is_complete=True, is_form=True), "conflict"),
        (saved(1, "a", is_complete=True, is_form=True), "same"),
    ],
)
def test_once_it_is_complete(posted: PostedState, verdict: str) -> None:
    assert judge(StoredState(True, 3, "a"), posted) == verdict


@given(st.integers(0, 50), st.none() | st.integers(0, 50), st.booleans())
def test_what_is_taken_always_counts_on(stored: int, posted: int | None, is_form: bool) -> None:
    state, post = StoredState(False, stored, "a"), saved(posted, "b", is_form=is_form)
    if judge(state, post) == "take":
        assert next_revision(state, post) > stored
        if posted is not None and posted > stored:
            assert next_revision(state, post) == posted


def test_the_first_revision() -> None:
    assert [next_revision(None, saved(number)) for number in (None, 0, 1, 7)] == [1, 1, 1, 7]


def test_the_order_of_fields_makes_no_other_content() -> None:
    assert content_hash({"a": 1, "b": "é"}) == content_hash({"b": "é", "a": 1})
    assert len({content_hash({"a": value}) for value in (1, "1", True, None, 1.5, [], "\ud800")}) == 7


def test_when_an_invitation_is_over() -> None:
    soon, past = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)
    assert not is_over("scheduled", None, None, NOW) and not is_over("bounced", soon, None, NOW)
    assert is_over("sent", NOW, None, NOW) and is_over("sent", past, None, NOW) and is_over("sent", soon, past, NOW)
    assert is_over("expired", None, None, NOW) and is_over("cancelled", None, None, NOW)


def test_a_sender_s_clock_may_be_five_minutes_ahead() -> None:
    assert not is_too_far_ahead(NOW + timedelta(minutes=5), NOW)
    assert is_too_far_ahead(NOW + timedelta(minutes=5, seconds=1), NOW)


@pytest.mark.parametrize(
    ("before", "seconds", "after", "reason"),
    [
        (Scores(nps=3), 9.9, Scores(nps=9), "two_scores"),
        (Scores(nps=3), 10, Scores(nps=9), None),
        (Scores(nps=3), 1, Scores(nps=3), None),
        (Scores(), 1, Scores(nps=3), None),
        (Scores(nps=3), 1, Scores(), None),
        (Scores(nps=3), 1, Scores(nps=3, csat=1), None),
        (Scores(nps=3, csat=1), 1, Scores(nps=3, csat=5), "two_scores"),
        (Scores(nps=0), 1, Scores(nps=10), "two_scores"),
    ],
)
def test_two_scores_in_a_moment(before: Scores, seconds: float, after: Scores, reason: str | None) -> None:
    earlier = Earlier(before, NOW - timedelta(seconds=seconds))
    assert parked_reason(False, False, earlier, after, NOW) == reason
    assert parked_reason(False, True, earlier, after, NOW) is None, "a form that is sent always counts"
    assert parked_reason(True, False, earlier, after, NOW) == "honeypot"


def test_the_first_answer_is_parked_for_the_trap_only() -> None:
    assert parked_reason(False, False, None, Scores(nps=0), NOW) is None
    assert parked_reason(True, True, None, Scores(nps=0), NOW) == "honeypot"


def test_bands_cover_every_score_once() -> None:
    assert [band(Scores(nps=score)) for score in range(11)] == ["low"] * 7 + ["middle"] * 2 + ["high"] * 2
    assert [band(Scores(csat=score)) for score in range(1, 6)] == ["low", "low", "middle", "high", "high"]
    assert [band(Scores(ces=score)) for score in range(1, 8)] == ["low"] * 3 + ["middle"] + ["high"] * 3
    assert [band(Scores(emotion=1 << rank)) for rank in range(20)] == ["low"] * 10 + ["high"] * 10
    assert band(Scores(emotion=mask_of([10, 11]))) == "middle" and band(Scores(emotion=mask_of([2, 19, 20]))) == "low"
    assert band(Scores(nps=9, csat=1)) == "high" and band(Scores()) is None


def test_only_a_follow_up_says_not_solved() -> None:
    assert is_not_solved("follow_up", {"solved": "no"})
    assert not is_not_solved("follow_up", {"solved": "partly"}) and not is_not_solved("transactional", {"solved": "no"})


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (("zh-CN",), "zh-Hans"),
        (("zh_CN",), "zh-Hans"),
        (("de", "pt-BR"), "pt"),
        ((None, "", "not a tag at all", "EN-gb"), "en"),
        (("de",), None),
        ((), None),
    ],
)
def test_the_first_language_that_is_offered(wanted: tuple[str | None, ...], chosen: str | None) -> None:
    assert choose_locale(("en", "zh-Hans", "pt"), *wanted) == chosen


@pytest.mark.parametrize(
    ("comment", "redacted"),
    [
        ("Write to ana.b+x@mail.example.com.br now", "Write to [email] now"),
        ("请联系wang@example.cn谢谢", "请联系[email]谢谢"),
        ("ana＠example．com", "[email]"),
        ("+55 (11) 91234-5678 please", "[number] please"),
        ("电话１３８００１３８０００。", "电话[number]。"),
        ("call 138 0013 8000!", "call [number]!"),
        ("see https://evil.example/a?b=c, or www.evil.example", "see [link] or [link]"),
        ("arrived 2018-01-12, not 10.01.2018", "arrived 2018-01-12, not 10.01.2018"),
        ("3 days late, 2 of 5 parcels, 1234", "3 days late, 2 of 5 parcels, 1234"),
        ("order 00123456789", "order [number]"),
        ("", ""),
        (None, None),
    ],
)
def test_what_a_partner_may_read(comment: str | None, redacted: str | None) -> None:
    assert redact(comment) == redacted


def test_no_text_breaks_or_stalls_redaction() -> None:
    started = time.process_time()
    for text in [*strings(), "1 " * 10_000, "a@" * 10_000, "a." * 10_000 + "@", "a@" + "b." * 10_000, "(1" * 10_000]:
        redact(text)
    assert time.process_time() - started < 2
