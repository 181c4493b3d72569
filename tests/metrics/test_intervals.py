"""Wilson and Student's t: worked examples, table values, and the seam between the two ways to a quantile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.metrics import student_t
from app.metrics.intervals import t_interval, wilson
from app.metrics.student_t import t_cdf, t_quantile

T_TABLE = [
    # probability, degrees of freedom, value as in printed tables
    (0.975, 1, 12.7062),
    (0.975, 2, 4.3027),
    (0.975, 3, 3.1824),
    (0.975, 5, 2.5706),
    (0.975, 10, 2.2281),
    (0.975, 30, 2.0423),
    (0.975, 60, 2.0003),
    (0.975, 120, 1.9799),
    (0.975, 1000, 1.9623),
    (0.95, 4, 2.1318),
    (0.95, 20, 1.7247),
    (0.995, 1, 63.6567),
    (0.995, 9, 3.2498),
    (0.9995, 7, 5.4079),
]


@pytest.mark.parametrize(("probability", "df", "value"), T_TABLE)
def test_t_quantiles_match_the_table(probability: float, df: int, value: float) -> None:
    assert t_quantile(probability, df) == pytest.approx(value, abs=6e-5)
    assert t_quantile(1 - probability, df) == pytest.approx(-value, abs=6e-5)


def test_t_quantile_of_one_and_two_degrees_is_exact() -> None:
    # One degree of freedom gives a tangent, tan(0.475 pi); two give an algebraic number, 1.9 / sqrt(0.195).
    assert t_quantile(0.975, 1) == pytest.approx(12.706204736174694, rel=1e-11)
    assert t_quantile(0.975, 2) == pytest.approx(4.302652729749464, rel=1e-11)


def test_both_ways_to_a_quantile_agree_where_they_meet() -> None:
    for df in (150, 200, 201, 400):
        assert student_t._bisected_quantile(0.975, df) == pytest.approx(
            student_t._expanded_quantile(0.975, df), abs=5e-9
        )


@pytest.mark.parametrize(("probability", "df"), [(0, 5), (1, 5), (0.5, 0)])
def test_there_is_no_such_quantile(probability: float, df: int) -> None:
    with pytest.raises(ValueError, match="no t quantile"):
        t_quantile(probability, df)


@given(st.floats(0.001, 0.999), st.integers(1, 200))
def test_the_quantile_inverts_the_distribution(probability: float, df: int) -> None:
    assert t_cdf(t_quantile(probability, df), df) == pytest.approx(probability, abs=1e-9)


def test_wilson_of_oracles_1_7_and_4_7() -> None:
    assert wilson(125, 150) == pytest.approx((0.7655, 0.8845), abs=5e-5)
    assert wilson(254, 300) == pytest.approx((0.8015, 0.8830), abs=5e-5)


def test_wilson_without_observations() -> None:
    assert wilson(0, 0) is None


@pytest.mark.parametrize(("hits", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_wilson_refuses_what_is_no_share(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="not a share"):
        wilson(hits, n)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_contains_the_share_and_mirrors(hits_of_n: tuple[int, int]) -> None:
    hits, n = hits_of_n
    here, there = wilson(hits, n), wilson(n - hits, n)
    assert here is not None
    assert there is not None
    assert 0 <= here.low <= hits / n <= here.high <= 1
    assert (1 - there.high, 1 - there.low) == pytest.approx(here, abs=1e-12)


def test_t_interval_needs_two_observations() -> None:
    assert t_interval(3.0, 0.0, 1) is None
    assert t_interval(3.0, 1.0, 4) == pytest.approx((3 - 3.182446 / 2, 3 + 3.182446 / 2), abs=1e-6)
