"""CES against oracle 1.7, and what the figure of any scale must keep."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.metrics import ces, csat, scale
from app.metrics.scale import ScaleFigure

tallies = st.dictionaries(st.integers(1, 7), st.integers(0, 200))


def test_oracle_1_7() -> None:
    figure = ces.figure({1: 5, 2: 4, 3: 6, 4: 10, 5: 25, 6: 60, 7: 40})
    assert (figure.n, figure.top, figure.bottom) == (150, 125, 15)
    assert figure.score == pytest.approx(83.33, abs=0.005)
    assert (figure.low, figure.high) == pytest.approx((76.55, 88.45), abs=0.005)
    assert figure.mean == pytest.approx(5.5733, abs=5e-5)
    assert figure.linear == pytest.approx(76.2222, abs=5e-5)
    assert figure.bottom_share == pytest.approx(10.0)


def test_no_answers_are_no_score() -> None:
    figure = ces.figure({})
    assert {figure.score, figure.low, figure.high, figure.mean, figure.linear, figure.bottom_share} == {None}


def test_all_the_same_answer_has_no_interval_of_the_mean() -> None:
    figure = ces.figure({7: 40})
    assert (figure.mean, figure.sd, figure.mean_low, figure.mean_high) == (7.0, 0.0, None, None)
    assert figure.low == pytest.approx(91.24, abs=0.01)
    assert figure.high == 100


@pytest.mark.parametrize("tally", [{0: 1}, {8: 1}, {3: -1}])
def test_what_is_not_an_answer_is_refused(tally: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="not answers on this scale"):
        ces.figure(tally)


def test_the_share_and_the_mean_may_move_apart() -> None:
    before, after = csat.figure({3: 50, 5: 50}), csat.figure({1: 40, 4: 60})
    share, mean = scale.share_change(before, after), scale.mean_change(before, after)
    assert share is not None
    assert mean is not None
    assert (share.raw, mean.raw) == pytest.approx((10.0, -1.2))
    assert mean.verdict == "down"


def test_a_period_without_answers_has_no_change() -> None:
    assert scale.share_change(csat.figure({}), csat.figure({5: 3})) is None
    assert scale.mean_change(csat.figure({5: 3}), csat.figure({})) is None


@given(tallies)
def test_a_figure_is_consistent(tally: dict[int, int]) -> None:
    figure = ces.figure(tally)
    assert sum(figure.counts.values()) == figure.n
    assert figure.top + figure.bottom + figure.counts[4] == figure.n
    if figure.score is None or figure.low is None or figure.high is None:
        assert figure.n == 0
        return
    assert 0 <= figure.low <= figure.score <= figure.high <= 100


@given(tallies, tallies)
def test_the_figure_of_a_union_is_the_weighted_mean_of_its_parts(one: dict[int, int], other: dict[int, int]) -> None:
    both = ces.figure({value: one.get(value, 0) + other.get(value, 0) for value in {*one, *other}})
    parts = [part for part in (ces.figure(one), ces.figure(other)) if part.n]
    if not both.n:
        return
    for name in ("score", "mean", "linear"):
        assert getattr(both, name) == pytest.approx(_weighted(parts, name))


def _weighted(parts: list[ScaleFigure], name: str) -> float:
    return sum(part.n * getattr(part, name) for part in parts) / sum(part.n for part in parts)
