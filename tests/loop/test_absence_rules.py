"""Who answers while somebody is away, and which days away can be kept."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.loop.absences import rules
from app.loop.absences.rules import Days
from app.loop.cases.rules import Candidate, next_owner, next_to_answer
from app.tenants.rules import ROLES

TODAY = date(2026, 11, 23)


def one(n: int | None) -> UUID | None:
    return None if n is None else UUID(int=n)


def standing(**away: int | None) -> dict[UUID, UUID | None]:
    """_1=2: 1 is away and 2 is their deputy."""
    return {UUID(int=int(name[1:])): one(deputy) for name, deputy in away.items()}


@pytest.mark.parametrize(
    ("away", "answering"),
    [
        ({}, 1),
        ({"_1": 2}, 2),
        ({"_1": None}, None),
        ({"_1": 2, "_2": 3}, 3),
        ({"_1": 2, "_2": None}, None),
        ({"_1": 2, "_2": 3, "_3": 4}, 4),
        ({"_1": 2, "_2": 3, "_3": 4, "_4": 5}, None),
        ({"_1": 2, "_2": 1}, None),
        ({"_1": 2, "_2": 3, "_3": 2}, None),
        ({"_2": 1}, 1),
    ],
)
def test_who_answers(away: dict[str, int | None], answering: int | None) -> None:
    assert rules.answers_for(UUID(int=1), standing(**away)) == one(answering)


someone = st.integers(1, 6).map(lambda n: UUID(int=n))


@given(someone, st.dictionaries(someone, st.none() | someone))
def test_nobody_who_is_away_answers(user_id: UUID, away: dict[UUID, UUID | None]) -> None:
    answering = rules.answers_for(user_id, away)
    assert answering not in away
    assert (answering == user_id) == (user_id not in away)
    if answering is not None and answering != user_id:
        assert user_id in rules.stood_in_for(answering, away)


def test_for_whom_somebody_answers() -> None:
    away = standing(_1=3, _2=1, _4=5)
    assert rules.stood_in_for(UUID(int=3), away) == [UUID(int=1), UUID(int=2)]
    assert rules.stood_in_for(UUID(int=1), away) == []
    assert rules.stood_in_for(UUID(int=6), away) == []


def days(first: int, last: int | None, user: int = 1, deputy: int = 2) -> Days:
    """Days counted from today."""
    end = None if last is None else TODAY + timedelta(days=last)
    return Days(UUID(int=user), UUID(int=deputy), TODAY + timedelta(days=first), end)


@pytest.mark.parametrize(
    ("wanted", "faults"),
    [
        (days(0, 0), []),
        (days(0, None), []),
        (days(366, 366), []),
        (days(0, 365), []),
        (days(-1, 3), [("/first", "past")]),
        (days(367, 368), [("/first", "far")]),
        (days(3, 2), [("/last", "backwards")]),
        (days(0, 366), [("/last", "long")]),
        (days(0, 3650), [("/last", "long")]),
        (days(-3, -5), [("/first", "past"), ("/last", "backwards")]),
        (days(0, 1, deputy=1), [("/deputy", "oneself")]),
        (Days(UUID(int=1), UUID(int=2), date.max, date.max), [("/first", "far")]),
        (Days(UUID(int=1), UUID(int=2), date.min, date.max), [("/first", "past"), ("/last", "long")]),
    ],
)
def test_which_days_cannot_be_kept(wanted: Days, faults: list[tuple[str, str]]) -> None:
    assert rules.faults_of(wanted, TODAY, []) == faults


@pytest.mark.parametrize(
    ("known", "overlaps"),
    [
        (days(5, 9), True),
        (days(9, 12), True),
        (days(1, 5), True),
        (days(6, None), True),
        (days(1, None), True),
        (days(1, 4), False),
        (days(10, 12), False),
        (days(10, None), False),
        (days(5, 9, user=7), False),
    ],
)
def test_nobody_is_away_twice_at_once(known: Days, overlaps: bool) -> None:
    found = rules.faults_of(days(5, 9, deputy=3), TODAY, [known])
    assert found == ([("/first", "overlaps")] if overlaps else [])
    open_end = rules.faults_of(days(13, None, deputy=3), TODAY, [known])
    assert bool(open_end) == (known.last is None and known.user_id == UUID(int=1))


@pytest.mark.parametrize(
    ("deputys", "is_away_too"),
    [
        ([days(5, 9, 2, 3)], True),
        ([days(1, None, 2, 3)], True),
        ([days(7, 20, 2, 3), days(1, 6, 2, 3)], True),
        ([days(5, 8, 2, 3)], False),
        ([days(6, 9, 2, 3)], False),
        ([days(1, 6, 2, 3), days(8, 20, 2, 3)], False),
        ([days(5, 9, 4, 3)], False),
    ],
)
def test_a_deputy_is_here_on_some_of_the_days(deputys: list[Days], is_away_too: bool) -> None:
    found = rules.faults_of(days(5, 9), TODAY, deputys)
    assert found == ([("/deputy", "away_too")] if is_away_too else [])


def test_a_deputy_who_is_away_for_good_stands_in_for_nobody_who_is() -> None:
    assert rules.faults_of(days(5, None), TODAY, [days(2, None, 2, 3)]) == [("/deputy", "away_too")]
    assert rules.faults_of(days(5, None), TODAY, [days(2, 300, 2, 3)]) == []


def test_who_may_set_whose() -> None:
    assert {role for role in ROLES if rules.may_set_for(role, is_oneself=True)} == {"admin", "lead", "agent"}
    assert {role for role in ROLES if rules.may_set_for(role, is_oneself=False)} == {"admin", "lead"}


def team(*agents: int) -> list[Candidate]:
    return [Candidate(UUID(int=n), "agent", True) for n in agents]


@pytest.mark.parametrize(
    ("away", "closed_by", "cursor", "expected"),
    [
        ({}, None, None, (1, 1)),
        ({"_2": 3}, None, 1, (2, 3)),
        ({"_2": 3, "_3": 1}, None, 1, (2, 1)),
        ({"_2": None}, None, 1, (3, 3)),
        ({"_2": 9}, None, 1, (3, 3)),  # who is no candidate is given nothing, as a deputy neither
        ({"_2": 1}, 1, 1, (3, 3)),  # who closed it does not get it back as a deputy
        ({"_1": 2, "_2": 1}, 3, None, None),
        ({"_1": 2, "_2": 3, "_3": 1}, None, None, None),
    ],
)
def test_whose_turn_it_is_and_who_answers(
    away: dict[str, int | None], closed_by: int | None, cursor: int | None, expected: tuple[int, int] | None
) -> None:
    wanted = (UUID(int=expected[0]), UUID(int=expected[1])) if expected else None
    assert next_to_answer(team(1, 2, 3), one(closed_by), one(cursor), standing(**away)) == wanted


def test_a_lead_stands_in_although_no_turn_comes_to_leads() -> None:
    able = [*team(1, 2), Candidate(UUID(int=7), "lead", True), Candidate(UUID(int=8), "lead", False)]
    assert next_to_answer(able, one(1), None, standing(_2=7)) == (UUID(int=2), UUID(int=7))
    assert next_to_answer(able, one(1), None, standing(_2=8)) is None


@given(
    st.sets(st.integers(1, 6)), st.none() | someone, st.none() | someone, st.dictionaries(someone, st.none() | someone)
)
def test_only_candidates_who_are_here_get_a_case(
    agents: set[int], closed_by: UUID | None, cursor: UUID | None, away: dict[UUID, UUID | None]
) -> None:
    able = team(*agents)
    found = next_to_answer(able, closed_by, cursor, away)
    if found is not None:
        assert found[1] in {each.user_id for each in able} - {closed_by} - set(away)
    if not away:
        assert (found and found[0]) == next_owner(able, closed_by, cursor)
