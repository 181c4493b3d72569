"""The decisions about a case: opening, severity, statuses, the queue, closing, reopening and the next owner."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.loop.cases import rules
from app.loop.cases.rules import Attempt, Candidate, ClosureFacts, Limits
from app.loop.sla.rules import default_calendar
from app.metrics.emotion import mask_of
from app.surveys.answering.rules import Scores

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


# --- opening ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "opens", "severity"),
    [
        (Scores(), False, 3),
        (Scores(nps=0), True, 2),
        (Scores(nps=2), True, 2),
        (Scores(nps=3), True, 3),
        (Scores(nps=6), True, 3),
        (Scores(nps=7), False, 3),
        (Scores(nps=10), False, 3),
        (Scores(csat=1), True, 2),
        (Scores(csat=2), True, 3),
        (Scores(csat=3), False, 3),
        (Scores(nps=9, csat=1), True, 2),
        (Scores(nps=0, csat=5), True, 2),
        (Scores(nps=9, csat=4), False, 3),
        (Scores(ces=1), True, 2),
        (Scores(ces=2), True, 3),
        (Scores(ces=3), False, 3),
        (Scores(nps=9, ces=1), True, 2),
        (Scores(emotion=mask_of([1])), True, 3),
        (Scores(emotion=mask_of([4])), True, 3),
        (Scores(emotion=mask_of([5, 6, 7])), False, 3),
        (Scores(emotion=mask_of([4, 14, 20])), True, 3),
        (Scores(nps=10, csat=5, ces=7, emotion=mask_of([2, 20])), True, 3),
    ],
)
def test_bad_scores_open_cases(scores: Scores, opens: bool, severity: int) -> None:
    assert rules.opens_case(scores, Limits()) is opens
    assert rules.severity(scores) == severity


def test_a_tenant_sets_its_own_limits() -> None:
    assert rules.opens_case(Scores(nps=7), Limits(nps=7))
    assert not rules.opens_case(Scores(nps=6), Limits(nps=5))
    assert rules.opens_case(Scores(csat=3), Limits(csat=3))
    assert not rules.opens_case(Scores(csat=2), Limits(csat=1))
    assert rules.opens_case(Scores(ces=3), Limits(ces=3))
    assert not rules.opens_case(Scores(ces=1), Limits(ces=0)), "0 turns it off"
    assert rules.opens_case(Scores(emotion=mask_of([7])), Limits(emotion=7))
    assert not rules.opens_case(Scores(emotion=mask_of([1])), Limits(emotion=0)), "0 turns it off"


def test_a_case_knows_which_scores_called_for_it() -> None:
    given = Scores(nps=9, csat=1, ces=2, emotion=mask_of([2, 4, 14]))
    assert rules.alarming(given, Limits()) == Scores(csat=1, ces=2, emotion=mask_of([2, 4]))


def test_a_partial_response_settles_after_ten_minutes() -> None:
    assert not rules.is_settled(NOON, NOON + timedelta(minutes=9, seconds=59))
    assert rules.is_settled(NOON, NOON + timedelta(minutes=10))
    assert rules.is_settled(NOON, NOON + timedelta(minutes=2), settle_minutes=2)


# --- statuses -----------------------------------------------------------------------------------------------


def test_the_statuses_are_those_of_the_contract() -> None:
    assert " ".join(rules.STATUSES) == (
        "new assigned contacted investigating waiting_customer waiting_partner waiting_internal resolved closed"
    )


@pytest.mark.parametrize(
    ("current", "targets"),
    [
        ("new", "assigned contacted investigating waiting_customer waiting_partner waiting_internal resolved closed"),
        ("assigned", "contacted investigating waiting_customer waiting_partner waiting_internal resolved closed"),
        ("contacted", "investigating waiting_customer waiting_partner waiting_internal resolved closed"),
        ("investigating", "waiting_customer waiting_partner waiting_internal resolved closed"),
        ("waiting_customer", "investigating waiting_partner waiting_internal resolved closed"),
        ("waiting_partner", "investigating waiting_customer waiting_internal resolved closed"),
        ("waiting_internal", "investigating waiting_customer waiting_partner resolved closed"),
        ("resolved", "investigating waiting_customer waiting_partner waiting_internal closed"),
        ("closed", "assigned"),
    ],
)
def test_where_a_case_may_go(current: str, targets: str) -> None:
    assert {target for target in rules.STATUSES if rules.can_move(current, target)} == set(targets.split())


def test_only_waiting_for_the_customer_pauses() -> None:
    assert [status for status in rules.STATUSES if status in rules.PAUSING] == ["waiting_customer"]


@pytest.mark.parametrize("current", rules.STATUSES)
def test_assignment_and_contact_never_take_a_case_back(current: str) -> None:
    assert rules.status_after_assignment(current) == ("assigned" if current == "new" else current)
    assert rules.status_after_contact(current, reached=False) == current
    contacted = "contacted" if current in ("new", "assigned") else current
    assert rules.status_after_contact(current, reached=True) == contacted


# --- the queue ----------------------------------------------------------------------------------------------


def test_the_queue_has_the_overdue_first_and_then_the_soonest_due() -> None:
    cases = {
        "long overdue": rules.queue_key("new", NOON - DAY, None, NOON + 5 * DAY, None),
        "resolution overdue": rules.queue_key("contacted", NOON - 3 * DAY, NOON - 4 * DAY, NOON - HOUR, None),
        "contact due": rules.queue_key("assigned", NOON + HOUR, None, NOON + 3 * DAY, None),
        "resolution due": rules.queue_key("contacted", NOON - DAY, NOON - 2 * DAY, NOON + DAY, None),
        "resolved, never contacted": rules.queue_key("resolved", NOON + 2 * DAY, None, NOON, NOON),
        "resolved": rules.queue_key("resolved", NOON - DAY, NOON - DAY, NOON - DAY, NOON - DAY),
    }
    shuffled = list(cases)
    Random(4).shuffle(shuffled)
    assert shuffled != list(cases)
    assert sorted(shuffled, key=cases.__getitem__) == list(cases)


def test_a_closed_case_has_no_running_clock() -> None:
    closed = rules.queue_key("closed", NOON - DAY, None, NOON - DAY, None)
    assert closed > NOON + 1000 * DAY


# --- closing ------------------------------------------------------------------------------------------------

NOTHING = ClosureFacts(now=NOON, calendar=default_calendar("Asia/Shanghai"), number=7)
SOLVED = replace(NOTHING, reached_contact=True, any_cause=True, verified_cause=True, resolved_at=NOON - DAY)
TRIED = replace(
    NOTHING,
    any_cause=True,
    attempts=(
        Attempt("phone", NOON - 2 * DAY),
        Attempt("email", NOON - DAY),
        Attempt("phone", NOON),
    ),
)


def codes(outcome: str, facts: ClosureFacts) -> list[str]:
    return [missing.code for missing in rules.missing_for_closure(outcome, facts)]


@pytest.mark.parametrize(
    ("outcome", "missing"),
    [
        ("confirmed", ["reached_contact", "verified_root_cause", "resolution"]),
        ("no_objection", ["reached_contact", "verified_root_cause", "resolution"]),
        ("unreachable", ["attempts", "channels", "days", "root_cause"]),
        ("rejected", ["note"]),
        ("merged", ["note", "into"]),
    ],
)
def test_a_new_case_cannot_be_closed(outcome: str, missing: list[str]) -> None:
    assert outcome in rules.OUTCOMES
    assert codes(outcome, NOTHING) == missing


def test_an_outcome_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError):
        rules.missing_for_closure("done", SOLVED)


def test_a_confirmed_closure_needs_all_three() -> None:
    assert codes("confirmed", SOLVED) == []
    assert codes("confirmed", replace(SOLVED, reached_contact=False)) == ["reached_contact"]
    assert codes("confirmed", replace(SOLVED, verified_cause=False)) == ["verified_root_cause"]
    assert codes("confirmed", replace(SOLVED, resolved_at=None)) == ["resolution"]


def test_no_objection_needs_five_business_days_of_silence() -> None:
    # Resolved on Friday at 11:00 in Shanghai, so that the next Friday at 11:00 has to come, not Wednesday.
    friday = datetime(2026, 9, 18, 3, tzinfo=UTC)
    waiting = replace(SOLVED, resolved_at=friday, now=friday + 7 * DAY - timedelta(seconds=1))
    (silence,) = rules.missing_for_closure("no_objection", waiting)
    assert (silence.code, silence.pointer, silence.until) == ("silence", "/outcome", friday + 7 * DAY)
    assert "2026-09-25T03:00:00+00:00" in silence.detail
    assert codes("no_objection", replace(waiting, now=friday + 7 * DAY)) == []
    assert codes("no_objection", replace(waiting, now=friday + 7 * DAY, verified_cause=False)) == [
        "verified_root_cause"
    ]


def test_unreachable_needs_three_attempts_on_two_channels_over_three_days() -> None:
    first, second, third = TRIED.attempts
    assert codes("unreachable", TRIED) == []
    assert codes("unreachable", replace(TRIED, attempts=(first, third))) == ["attempts", "channels"]
    assert codes("unreachable", replace(TRIED, attempts=(first, replace(second, channel="phone"), third))) == [
        "channels"
    ]
    assert codes("unreachable", replace(TRIED, attempts=(second, third, third))) == ["days"]
    assert codes("unreachable", replace(TRIED, any_cause=False)) == ["root_cause"]


def test_days_are_those_of_the_calendar() -> None:
    # 23:30 and 00:30 in Shanghai are two days there, though one in UTC.
    late = datetime(2026, 9, 21, 15, 30, tzinfo=UTC)
    attempts = (Attempt("phone", late - DAY), Attempt("email", late), Attempt("email", late + HOUR))
    assert codes("unreachable", replace(TRIED, attempts=attempts)) == []
    utc = replace(TRIED, attempts=attempts, calendar=default_calendar("UTC"))
    assert codes("unreachable", utc) == ["days"]


def test_rejection_and_merging_need_a_note() -> None:
    assert codes("rejected", replace(NOTHING, note=" \n")) == ["note"]
    assert codes("rejected", replace(NOTHING, note="Not our delivery.")) == []
    merged = replace(NOTHING, note="Same parcel.", into=3)
    assert codes("merged", merged) == []
    assert codes("merged", replace(merged, into=7)) == ["into"]
    assert [missing.pointer for missing in rules.missing_for_closure("merged", NOTHING)] == ["/note", "/into"]


# --- reopening ----------------------------------------------------------------------------------------------


def test_the_customer_can_reopen_for_fourteen_days() -> None:
    assert rules.is_reopenable_by_customer(NOON, NOON + 14 * DAY)
    assert not rules.is_reopenable_by_customer(NOON, NOON + 14 * DAY + timedelta(seconds=1))
    assert rules.is_reopenable_by_customer(NOON, NOON + 3 * DAY, window_days=3)
    assert not rules.is_reopenable_by_customer(NOON, NOON + 4 * DAY, window_days=3)


def member(n: int, role: str = "agent", *, active: bool = True) -> Candidate:
    return Candidate(UUID(int=n), role, active)


TEAM = [member(3), member(1), member(4, active=False), member(2), member(9, "admin"), member(5, "analyst")]


@pytest.mark.parametrize(
    ("closed_by", "cursor", "owner"),
    [(1, None, 2), (2, None, 3), (3, None, 1), (9, None, 1), (None, None, 1), (1, 2, 3), (3, 2, 1), (1, 3, 2)],
)
def test_the_next_active_agent_gets_the_case(closed_by: int | None, cursor: int | None, owner: int) -> None:
    closer = None if closed_by is None else UUID(int=closed_by)
    last = None if cursor is None else UUID(int=cursor)
    assert rules.next_owner(TEAM, closer, last) == UUID(int=owner)


def test_an_admin_gets_it_when_no_other_agent_is_there_and_else_nobody() -> None:
    alone = [member(1), member(8, "admin", active=False), member(9, "admin"), member(5, "analyst")]
    assert rules.next_owner(alone, UUID(int=1), None) == UUID(int=9)
    assert rules.next_owner(alone, UUID(int=1), UUID(int=9)) == UUID(int=9)
    assert rules.next_owner([member(1), member(5, "viewer")], UUID(int=1), None) is None
    assert rules.next_owner([member(9, "admin")], UUID(int=9), None) is None
    assert rules.next_owner([], None, None) is None


members = st.builds(
    Candidate,
    st.integers(0, 20).map(lambda n: UUID(int=n)),
    st.sampled_from(["agent", "admin", "analyst", "partner"]),
    st.booleans(),
)


@given(st.lists(members, unique_by=lambda candidate: candidate.user_id), st.integers(0, 20), st.randoms())
def test_never_the_closer_and_never_by_the_order_of_the_list(
    team: list[Candidate], closed_by: int, random: Random
) -> None:
    closer = UUID(int=closed_by)
    owner = rules.next_owner(team, closer, None)
    others = [candidate for candidate in team if candidate.active and candidate.user_id != closer]
    assert (owner is None) is not any(candidate.role in ("agent", "admin") for candidate in others)
    assert owner is None or owner in {candidate.user_id for candidate in others}
    random.shuffle(team)
    assert rules.next_owner(team, closer, None) == owner


@given(st.sets(st.integers(0, 20), min_size=1))
def test_the_turn_comes_to_everybody(agents: set[int]) -> None:
    team = [member(n) for n in agents]
    cursor, turns = None, []
    for _ in agents:
        cursor = rules.next_owner(team, None, cursor)
        turns.append(cursor)
    assert turns == sorted(candidate.user_id for candidate in team)
