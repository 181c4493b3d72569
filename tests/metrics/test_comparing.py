"""Case-mix, shrinkage, funnel, composite and disclosure against oracles 3.1 to 3.5, and the laws they keep."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.metrics import casemix, composite, disclosure, shrinkage
from app.metrics.casemix import Cell
from app.metrics.composite import Item
from app.metrics.shrinkage import Unit

SIZES, MEANS = [620, 310, 45, 9, 150, 8], [71.2, 68.5, 80, 88, 62, 40]
units = st.lists(st.builds(Unit, st.integers(1, 900), st.floats(0, 100)), min_size=1, max_size=12)


def test_oracle_3_1() -> None:
    found = casemix.adjust(
        {
            "A": {"urban": Cell(300, 81), "suburb": Cell(150, 75), "remote": Cell(50, 58)},
            "B": {"urban": Cell(50, 84), "suburb": Cell(100, 78), "remote": Cell(350, 63)},
            "C": {"urban": Cell(20, 90), "suburb": Cell(5, 70), "remote": Cell(0, 0)},
        }
    )
    assert found is not None
    assert found.network == pytest.approx(72.8293, abs=5e-5)
    assert found.strata == pytest.approx({"urban": 81.8919, "suburb": 76.0784, "remote": 62.375}, abs=5e-5)
    expected = {
        "A": (500, 76.9, 78.1962, -1.2962, 71.5331),
        "B": (500, 68.1, 67.0674, 1.0326, 73.8619),
        "C": (25, 86.0, 80.7292, 5.2708, 78.1001),
    }
    for key, values in expected.items():
        one = found.units[key]
        assert (one.n, one.raw, one.expected, one.difference, one.adjusted) == pytest.approx(values, abs=5e-5)


def test_small_strata_are_taken_together() -> None:
    found = casemix.adjust({"A": {"x": Cell(400, 80), "y": Cell(12, 40), "z": Cell(20, 60)}, "B": {"x": Cell(50, 70)}})
    assert found is not None
    assert set(found.strata) == {"x", "z"}
    assert found.strata["z"] == pytest.approx((12 * 40 + 20 * 60) / 32)


def test_one_small_stratum_joins_the_next_smallest() -> None:
    found = casemix.adjust({"A": {"x": Cell(400, 80), "y": Cell(100, 70), "z": Cell(2, 10)}})
    assert found is not None
    assert set(found.strata) == {"x", "y"}
    assert found.strata["y"] == pytest.approx((7000 + 20) / 102)


def test_there_are_at_most_fifty_strata() -> None:
    found = casemix.adjust({"A": {f"{key:03}": Cell(100 + key, 50.0) for key in range(60)}})
    assert found is not None
    assert len(found.strata) == 50


def test_nobody_answered() -> None:
    assert casemix.adjust({}) is None
    assert casemix.adjust({"A": {"x": Cell(0, 0)}}) is None
    found = casemix.adjust({"A": {"x": Cell(0, 0)}, "B": {"x": Cell(1, 5.0)}})
    assert found is not None
    assert set(found.units) == {"B"}
    with pytest.raises(ValueError, match="below zero"):
        casemix.adjust({"A": {"x": Cell(-1, 5.0)}})


cells = st.dictionaries(
    st.sampled_from("ABCDE"),
    st.dictionaries(st.sampled_from("wxyz"), st.builds(Cell, st.integers(0, 90), st.floats(0, 100)), max_size=4),
    min_size=1,
)


@given(cells)
def test_what_is_above_and_below_the_expected_sums_to_nothing(split: dict[str, dict[str, Cell]]) -> None:
    found = casemix.adjust(split)
    assume(found is not None)
    assert found is not None
    assert sum(one.n * one.difference for one in found.units.values()) == pytest.approx(0, abs=1e-6)
    assert sum(one.n for one in found.units.values()) == sum(c.n for s in split.values() for c in s.values())


def test_oracle_3_2() -> None:
    found = shrinkage.shrink([Unit(n, mean) for n, mean in zip(SIZES, MEANS, strict=True)], sd=25)
    assert found is not None
    assert (found.q, found.tau_squared, found.mean) == pytest.approx((40.8678, 32.0411, 69.1722), abs=5e-5)
    assert [one.reliability for one in found.units] == pytest.approx(
        [0.9695, 0.9408, 0.6976, 0.3157, 0.8849, 0.2908], abs=5e-5
    )
    shrunk = [one.mean for one in found.units]
    assert shrunk == pytest.approx([71.1381, 68.5398, 76.7258, 75.1165, 62.8254, 60.6877], abs=5e-5)
    assert sorted(range(1, 7), key=lambda unit: -shrunk[unit - 1]) == [3, 4, 1, 2, 5, 6]
    assert shrinkage.answers_for(0.7, 25, found.tau_squared) == pytest.approx(45.5145, abs=5e-4)


def test_units_that_do_not_differ_are_all_the_common_mean() -> None:
    found = shrinkage.shrink([Unit(10, 70.0), Unit(20, 71.0), Unit(15, 69.5)], sd=25)
    assert found is not None
    assert not found.has_difference
    assert {one.mean for one in found.units} == {found.mean}
    assert shrinkage.answers_for(0.7, 25, found.tau_squared) is None


def test_nobody_one_unit_and_no_spread() -> None:
    assert shrinkage.shrink([], 25) is None
    alone = shrinkage.shrink([Unit(3, 50.0)], 25)
    assert alone is not None
    assert (alone.mean, alone.units[0].mean) == (50.0, 50.0)
    same = shrinkage.shrink([Unit(3, 100.0), Unit(9, 100.0)], 0)
    assert same is not None
    assert (same.has_difference, [one.mean for one in same.units]) == (False, [100.0, 100.0])
    with pytest.raises(ValueError, match="at least one answer"):
        shrinkage.shrink([Unit(0, 50.0)], 25)


@given(units, st.floats(1, 50))
def test_a_shrunk_mean_lies_between_its_own_and_the_common_one(given_units: list[Unit], sd: float) -> None:
    found = shrinkage.shrink(given_units, sd)
    assert found is not None
    for unit, one in zip(given_units, found.units, strict=True):
        assert min(unit.mean, found.mean) - 1e-9 <= one.mean <= max(unit.mean, found.mean) + 1e-9
        assert 0 <= one.reliability <= 1
    by_size = sorted(zip(given_units, found.units, strict=True), key=lambda pair: pair[0].n)
    reliabilities = [one.reliability for _, one in by_size]
    assert reliabilities == sorted(reliabilities)


@pytest.mark.parametrize(
    ("n", "low", "high", "far_low", "far_high"),
    [
        (10, 54.5048, 85.4952, 45.5696, 94.4304),
        (30, 61.0539, 78.9461, 55.8951, 84.1049),
        (50, 63.0704, 76.9296, 59.0744, 80.9256),
        (100, 65.1, 74.9, 62.2744, 77.7256),
        (300, 67.171, 72.829, 65.5396, 74.4604),
        (600, 67.9996, 72.0004, 66.846, 73.154),
    ],
)
def test_oracle_3_3(n: int, low: float, high: float, far_low: float, far_high: float) -> None:
    found = shrinkage.funnel(70, 25, n)
    assert (found.low, found.high, found.far_low, found.far_high) == pytest.approx(
        (low, high, far_low, far_high), abs=5e-4
    )


def test_the_spread_between_units_widens_the_funnel() -> None:
    limits = shrinkage.funnel(70, 25, 600, tau_squared=32.0411)
    assert limits.high == pytest.approx(70 + 1.959964 * (32.0411 + 625 / 600) ** 0.5, abs=1e-4)
    assert [limits.position(value) for value in (70, 82, 58, 99, 1)] == [
        "inside",
        "high",
        "low",
        "very_high",
        "very_low",
    ]
    with pytest.raises(ValueError, match="at least one answer"):
        shrinkage.funnel(70, 25, 0)


CARD = [
    Item("voc", 0.35, 72, 400, 30, 60, 80),
    Item("on_time", 0.25, 93, 5000, 30, 85, 97),
    Item("damage_free", 0.15, 98.5, 5000, 30, 95, 99.5),
    Item("case_sla", 0.15, 80, 25, 30, 60, 95),
    Item("capa", 0.10, 60, 5, 5, 50, 100),
]


def test_oracle_3_4() -> None:
    assert [item.score for item in CARD] == pytest.approx([60, 66.6667, 77.7778, 57.1429, 20], abs=5e-5)
    found = composite.compose(CARD)
    assert found.score == pytest.approx(60.3922, abs=5e-5)
    assert found.coverage == pytest.approx(0.85)
    assert found.excluded == ("case_sla",)


def test_sixty_percent_of_the_weight_are_enough_and_less_is_not() -> None:
    missing = [Item(one.key, one.weight, None, 0, 30, one.floor, one.target) for one in CARD[2:]]
    assert composite.compose(CARD[:2] + missing).score == pytest.approx((0.35 * 60 + 0.25 * 66.6667) / 0.6, abs=1e-4)
    assert composite.compose([CARD[0], *missing]).score is None
    assert composite.compose([]) == composite.Composite(None, 0.0, ())


def test_where_low_is_good_the_target_lies_below_the_floor() -> None:
    late = Item("late", 1, 0.06, 100, 30, floor=0.10, target=0.02)
    assert late.score == pytest.approx(50)
    assert composite.proof(0.0, 0.01, 0.10, 0.02) == "met"
    assert composite.proof(0.11, 0.2, 0.10, 0.02) == "missed"
    with pytest.raises(ValueError, match="not its floor"):
        Item("x", 1, 1, 1, 1, floor=5, target=5)


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(81, 90, "met"), (79, 90, "unproven"), (50, 59, "missed"), (50, 61, "unproven"), (None, None, "unproven")],
)
def test_a_colour_follows_the_interval(low: float | None, high: float | None, shown: str) -> None:
    assert composite.proof(low, high, 60, 80) == shown


def test_oracle_3_5() -> None:
    found = disclosure.disclose(SIZES)
    assert (found.others, found.may_show_weighted, found.may_show_median) == (5, False, True)
    assert (found.top_share, found.top_two_share) == pytest.approx((0.5429, 0.8144), abs=5e-5)


def test_too_few_others_and_a_balanced_network() -> None:
    assert disclosure.disclose([10, 10, 10, 10, 10, 0]).may_show_median is False
    assert disclosure.disclose([10] * 6).may_show_weighted is True
    assert disclosure.disclose([]) == disclosure.Disclosure(0, 0.0, 0.0, False, False)


def test_where_a_unit_stands_among_its_peers() -> None:
    peers = [50.0, 60.0, 70.0, 80.0, 90.0]
    found = disclosure.benchmark(85, peers)
    assert found is not None
    assert (found.lower_quartile, found.median, found.upper_quartile) == (60, 70, 80)
    assert found.standing == "upper_third"
    assert disclosure.benchmark(85, peers[:4]) is None
    many = [float(value) for value in range(12)]
    standings = [found.standing for own in (1, 6, 11) if (found := disclosure.benchmark(own, many))]
    assert standings == ["lower_quarter", "middle_half", "upper_quarter"]
