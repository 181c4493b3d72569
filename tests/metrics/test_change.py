"""Tests of change for shares and means, many tests at once, and the chart of a series (oracle 1.14)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.metrics import change, xmr
from app.metrics.change import Sample

shares = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_agresti_and_caffo_by_hand() -> None:
    # (7+1)/(10+2) and (1+1)/(10+2): the difference is -0.5, its error sqrt(2/9/12 + 5/36/12) = 0.17347.
    moved = change.of_shares(7, 10, 1, 10)
    assert moved is not None
    assert (moved.raw, moved.adjusted) == pytest.approx((-60, -50))
    assert moved.standard_error == pytest.approx(17.3472, abs=1e-4)
    assert (moved.low, moved.high) == pytest.approx((-84.0, -16.0), abs=0.01)
    assert moved.verdict == "down"


def test_all_agree_is_not_certain() -> None:
    moved = change.of_shares(0, 2, 2, 2)
    assert moved is not None
    assert moved.raw == 100
    assert moved.verdict == "unclear"


def test_shares_without_answers_and_impossible_ones() -> None:
    assert change.of_shares(0, 0, 1, 2) is None
    with pytest.raises(ValueError, match="not a share"):
        change.of_shares(3, 2, 1, 2)


def test_welch_by_hand() -> None:
    # Variances 4/10 and 9/15: t = 1.5, 22.99 degrees of freedom, t quantile 2.0687, two-sided p 0.1472.
    moved = change.of_means(Sample(10, 5.0, 2.0), Sample(15, 6.5, 3.0))
    assert moved is not None
    assert moved.statistic == pytest.approx(1.5)
    assert moved.p_value == pytest.approx(0.1472, abs=5e-5)
    assert (moved.low, moved.high) == pytest.approx((1.5 - 2.0687, 1.5 + 2.0687), abs=1e-4)
    assert moved.verdict == "unclear"


def test_means_without_spread_or_with_one_value_are_not_tested() -> None:
    assert change.of_means(Sample(9, 5.0, 0.0), Sample(9, 3.0, 0.0)) is None
    assert change.of_means(Sample(1, 5.0, None), Sample(9, 3.0, 1.0)) is None
    assert change.of_means(Sample(9, 5.0, 0.0), Sample(9, 3.0, 1.0)) is not None


def test_the_test_of_means_of_very_many_values_is_that_of_the_normal() -> None:
    moved = change.of_means(Sample(500_000, 0.0, 1.0), Sample(500_000, 0.0039199, 1.0))
    assert moved is not None
    assert moved.p_value == pytest.approx(0.05, abs=1e-4)


@given(shares, shares)
def test_swapping_the_periods_negates_the_change(before: tuple[int, int], after: tuple[int, int]) -> None:
    there, back = change.of_shares(*before, *after), change.of_shares(*after, *before)
    assert there is not None
    assert back is not None
    assert (back.raw, back.low, back.high) == pytest.approx((-there.raw, -there.high, -there.low))
    assert (there.p_value < 0.05) == (there.low > 0 or there.high < 0)


def test_benjamini_and_hochberg_by_hand() -> None:
    # With ten tests the thresholds are 0.005, 0.010, 0.015 ...: the second passes and takes the first with it.
    p_values = [0.4, 0.0095, 0.006, 0.02, 0.9, 0.6, 0.5, 0.7, 0.8, 1.0]
    assert change.discoveries(p_values) == [False, True, True] + [False] * 7
    assert change.discoveries([]) == []
    with pytest.raises(ValueError, match="between 0 and 1"):
        change.discoveries([1.2])


@given(st.lists(st.floats(0, 1), max_size=40))
def test_looking_at_many_finds_no_more_than_looking_at_one(p_values: list[float]) -> None:
    found = change.discoveries(p_values)
    assert all(p <= 0.05 for p, is_found in zip(p_values, found, strict=True) if is_found)
    assert not any(p <= 0.05 / len(p_values) and not one for p, one in zip(p_values, found, strict=True))


def test_oracle_1_14() -> None:
    chart = xmr.chart([34, 37, 31, 36, 33, 38, 35, 32, 36, 34, 30, 37])
    assert chart is not None
    assert (chart.mean, chart.mean_range) == pytest.approx((34.4167, 4.0909), abs=5e-5)
    assert (chart.low, chart.high) == pytest.approx((23.53, 45.30), abs=0.005)
    assert chart.range_limit == pytest.approx(13.37, abs=0.005)
    assert chart.signals == ()


@pytest.mark.parametrize(
    ("values", "signals"),
    [
        ([10, 11, 10, 11, 10, 11, 10, 30], ((7, "outside"),)),
        ([5] * 8, ()),
        ([0, 4, 0, 4, 0, 4, 5, 9, 5, 9, 5, 9, 5, 9], ((13, "run"),)),
        ([10, 12] * 5 + [16, 16, 14, 16], ((7, "run"), (8, "run"), (9, "run"), (13, "near_limit"))),
    ],
)
def test_signals(values: list[float], signals: tuple[tuple[int, str], ...]) -> None:
    chart = xmr.chart(values)
    assert chart is not None
    assert chart.signals == signals


def test_a_short_series_has_no_limits() -> None:
    assert xmr.chart([1, 2, 3, 4, 5]) is None
    assert xmr.chart([]) is None
