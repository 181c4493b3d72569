"""How points are written (oracle 1.5) and the limits for showing them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.metrics.display import can_show_score, format_points, is_low_base

ORACLE_1_5 = [(25.373, "+25"), (-0.5, "-1"), (0.5, "+1"), (-12.5, "-13"), (12.5, "+13"), (0, "0")]


@pytest.mark.parametrize(("points", "text"), ORACLE_1_5)
def test_oracle_1_5(points: float, text: str) -> None:
    assert format_points(points) == text


@pytest.mark.parametrize(
    ("points", "decimals", "text"),
    [
        (-0.4, 0, "0"),
        (-0.0, 0, "0"),
        (100, 0, "+100"),
        (8.65, 1, "+8.7"),
        (-0.04, 1, "0.0"),
        (-25.35, 1, "-25.4"),
    ],
)
def test_sign_zero_and_decimals(points: float, decimals: int, text: str) -> None:
    assert format_points(points, decimals) == text


def test_a_floating_point_error_does_not_decide_a_half() -> None:
    change = 100 * 5 / 6 - 100 * 11 / 24
    assert change < 37.5
    assert format_points(change) == "+38"
    assert format_points(12.5 - 1e-12) == "+13"


@pytest.mark.parametrize("points", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(points: float) -> None:
    with pytest.raises(ValueError, match="not a number of points"):
        format_points(points)


@given(st.floats(-100, 100), st.integers(0, 2))
def test_the_opposite_is_written_with_the_opposite_sign(points: float, decimals: int) -> None:
    here, there = format_points(points, decimals), format_points(-points, decimals)
    assert here.lstrip("+-") == there.lstrip("+-")
    assert here != "-0"
    assert (here == there) is (float(here) == 0)


@pytest.mark.parametrize(
    ("n", "low", "shown"), [(0, True, False), (9, True, False), (10, True, True), (29, True, True)]
)
def test_few_answers(n: int, low: bool, shown: bool) -> None:
    assert (is_low_base(n), can_show_score(n)) == (low, shown)


def test_thirty_answers_are_enough() -> None:
    assert not is_low_base(30)
