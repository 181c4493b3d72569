"""CSAT against oracle 1.6, at its edges, and against the laws that any counts must keep."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.metrics import csat

tallies = st.dictionaries(st.integers(1, 5), st.integers(0, 200))


def test_oracle_1_6() -> None:
    figure = csat.figure({1: 4, 2: 6, 3: 15, 4: 45, 5: 30})
    assert figure.n == 100
    assert figure.top == 75
    assert figure.score == pytest.approx(75.0)
    assert (figure.low, figure.high) == pytest.approx((65.70, 82.45), abs=0.005)
    assert figure.mean == pytest.approx(3.91)
    assert figure.sd == pytest.approx(1.0259, abs=5e-5)
    assert figure.linear == pytest.approx(72.75)
    # The t quantile of 99 degrees of freedom is 1.9842; the half width is that times 0.10259.
    assert (figure.mean_low, figure.mean_high) == pytest.approx((3.7064, 4.1136), abs=1e-4)


def test_no_answers_are_no_score() -> None:
    figure = csat.figure({})
    assert (figure.n, figure.top) == (0, 0)
    assert figure.counts == {1: 0, 2: 0, 3: 0, 4: 0, 5: 0}
    assert {figure.score, figure.low, figure.high, figure.mean, figure.sd, figure.linear} == {None}
    assert {figure.mean_low, figure.mean_high} == {None}


def test_one_answer_has_a_mean_without_spread() -> None:
    figure = csat.figure({2: 1})
    assert (figure.score, figure.mean, figure.linear) == (0.0, 2.0, 25.0)
    assert (figure.sd, figure.mean_low, figure.mean_high) == (None, None, None)


def test_the_interval_of_the_mean_ends_with_the_scale() -> None:
    figure = csat.figure({1: 1, 5: 1})
    assert (figure.mean, figure.mean_low, figure.mean_high) == (3.0, 1.0, 5.0)


@pytest.mark.parametrize("tally", [{0: 1}, {6: 1}, {3: -1}])
def test_what_is_not_an_answer_is_refused(tally: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="not answers on this scale"):
        csat.figure(tally)


@given(tallies)
def test_a_figure_is_consistent(tally: dict[int, int]) -> None:
    figure = csat.figure(tally)
    assert sum(figure.counts.values()) == figure.n
    if figure.score is None or figure.low is None or figure.high is None or figure.mean is None:
        assert figure.n == 0
        return
    assert 0 <= figure.low <= figure.score <= figure.high <= 100
    assert 1 <= figure.mean <= 5
    if figure.mean_low is not None and figure.mean_high is not None:
        assert 1 <= figure.mean_low <= figure.mean + 1e-12
        assert figure.mean - 1e-12 <= figure.mean_high <= 5


@given(tallies.filter(lambda tally: sum(tally.values()) > 0))
def test_turning_the_scale_round_turns_the_linear_mean_round(tally: dict[int, int]) -> None:
    here = csat.figure(tally).linear
    there = csat.figure({6 - value: answers for value, answers in tally.items()}).linear
    assert here is not None
    assert there is not None
    assert here + there == pytest.approx(100)
