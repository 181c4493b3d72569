"""NPS against the worked examples (oracles 1.1 to 1.4) and against the laws that any counts must keep."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.metrics import nps
from app.metrics.nps import NpsCounts

some_counts = st.builds(NpsCounts, *[st.integers(0, 60)] * 3)
answered_counts = some_counts.filter(lambda counts: counts.n > 0)
INTERVALS = [nps.adjusted_wald, nps.wald, nps.score_interval]

ORACLE_1_1 = dict(enumerate([3, 1, 2, 2, 1, 6, 4, 5, 7, 14, 22]))
ORACLE_1_3 = [
    # counts, score, Wald, adjusted Wald, score interval
    ((10, 0, 0), 100, (100, 100), (47.50, 100), (44.49, 100)),
    ((0, 0, 10), -100, (-100, -100), (-100, -47.50), (-100, -44.49)),
    ((0, 10, 0), 0, (0, 0), (-18.47, 18.47), (-27.75, 27.75)),
    ((3, 1, 1), 40, (-30.12, 110.12), (-29.78, 79.78), (-34.93, 82.64)),
    ((18, 6, 6), 40, (11.37, 68.63), (9.06, 63.67), (8.27, 63.83)),
    ((40, 40, 20), 20, (5.33, 34.67), (4.97, 33.86), (4.91, 34.10)),
    ((200, 200, 100), 20, (13.44, 26.56), (13.34, 26.42), (13.35, 26.45)),
]
ORACLE_1_4 = [
    # before, after, raw, adjusted, standard error, z, p, interval, significant
    ((90, 70, 40), (110, 60, 30), 15.0, 14.7783, 7.4571, 1.9818, 0.0475, (0.1626, 29.394), True),
    ((45, 35, 20), (50, 34, 16), 9.0, 8.7379, 10.4885, 0.8331, 0.4048, (-11.8193, 29.295), False),
    ((450, 350, 200), (500, 340, 160), 9.0, 8.9731, 3.3595, 2.6709, 0.0076, (2.3885, 15.5577), True),
    ((12, 6, 2), (9, 6, 5), -30.0, -26.087, 22.1511, -1.1777, 0.2389, (-69.5023, 17.3284), False),
]


@pytest.mark.parametrize(
    ("value", "group"),
    [(0, "detractor"), (6, "detractor"), (7, "passive"), (8, "passive"), (9, "promoter"), (10, "promoter")],
)
def test_group_has_its_borders(value: int, group: str) -> None:
    assert nps.group(value) == group


@pytest.mark.parametrize("value", [-1, 11, 9.0, True, "9", None])
def test_group_takes_nothing_else(value: object) -> None:
    with pytest.raises(ValueError, match="0 to 10"):
        nps.group(value)


def test_oracle_1_1_score_of_a_histogram() -> None:
    counts = nps.count_histogram(ORACLE_1_1)
    assert counts == NpsCounts(promoters=36, passives=12, detractors=19)
    assert counts.n == 67
    assert nps.score(counts) == pytest.approx(25.3731, abs=5e-5)


def test_single_answers_count_as_their_histogram() -> None:
    answers = [value for value, times in ORACLE_1_1.items() for _ in range(times)]
    assert nps.count(answers) == nps.count_histogram(ORACLE_1_1)


@pytest.mark.parametrize("histogram", [{11: 1}, {3: -1}, {3: -1, 4: 1}])
def test_a_histogram_is_checked(histogram: dict[int, int]) -> None:
    with pytest.raises(ValueError, match=r"0 to 10|cannot be"):
        nps.count_histogram(histogram)


def test_counts_below_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        NpsCounts(promoters=-1)


def test_oracle_1_2_variance_and_intervals() -> None:
    counts = NpsCounts(36, 12, 19)
    assert nps.variance(counts) == pytest.approx(0.7565, abs=5e-5)
    assert nps.wald(counts) == pytest.approx((4.5465, 46.1998), abs=1e-3)
    assert nps.adjusted_wald(counts) == pytest.approx((4.0230, 44.5484), abs=1e-3)
    assert nps.score_interval(counts) == pytest.approx((3.7203, 44.5771), abs=1e-3)


@pytest.mark.parametrize(("counts", "score", "wald", "adjusted", "by_score"), ORACLE_1_3)
def test_oracle_1_3_edge_cases(
    counts: tuple[int, int, int],
    score: float,
    wald: tuple[float, float],
    adjusted: tuple[float, float],
    by_score: tuple[float, float],
) -> None:
    tally = NpsCounts(*counts)
    assert nps.score(tally) == score
    assert nps.wald(tally) == pytest.approx(wald, abs=0.006)
    assert nps.adjusted_wald(tally) == pytest.approx(adjusted, abs=0.006)
    assert nps.score_interval(tally) == pytest.approx(by_score, abs=0.006)


@pytest.mark.parametrize(("before", "after", "raw", "adjusted", "error", "z", "p", "interval", "flag"), ORACLE_1_4)
def test_oracle_1_4_change_of_two_periods(
    before: tuple[int, int, int],
    after: tuple[int, int, int],
    raw: float,
    adjusted: float,
    error: float,
    z: float,
    p: float,
    interval: tuple[float, float],
    flag: bool,
) -> None:
    change = nps.change(NpsCounts(*before), NpsCounts(*after))
    assert change is not None
    assert change.raw == pytest.approx(raw, abs=1e-9)
    assert (change.adjusted, change.standard_error, change.statistic, change.p_value) == pytest.approx(
        (adjusted, error, z, p), abs=6e-5
    )
    assert (change.low, change.high) == pytest.approx(interval, abs=6e-5)
    assert change.is_significant is flag


def test_no_answers_are_no_score() -> None:
    nobody = NpsCounts()
    assert nps.figure(nobody) == nps.NpsFigure(0, None, None, None, 0, 0, 0)
    assert nps.score(nobody) is None
    assert nps.variance(nobody) is None
    assert [interval(nobody) for interval in INTERVALS] == [None, None, None]
    assert nps.change(nobody, NpsCounts(1, 1, 1)) is None
    assert nps.change(NpsCounts(1, 1, 1), nobody) is None


def test_the_figure_shows_the_raw_score_not_the_adjusted_centre() -> None:
    figure = nps.figure(NpsCounts(36, 12, 19))
    assert figure.score == pytest.approx(25.3731, abs=5e-5)
    assert (figure.low, figure.high) == pytest.approx((4.0230, 44.5484), abs=1e-3)
    assert (figure.n, figure.promoters, figure.passives, figure.detractors) == (67, 36, 12, 19)


def test_one_promoter_is_the_only_score_outside_its_interval() -> None:
    assert nps.adjusted_wald(NpsCounts(promoters=1)) == pytest.approx((-48.5, 98.5), abs=0.05)


@given(st.lists(answered_counts, min_size=1, max_size=5))
def test_the_score_of_a_union_is_the_weighted_mean_of_its_parts(parts: list[NpsCounts]) -> None:
    union = sum(parts, start=NpsCounts())
    weighted = sum(part.n * (nps.score(part) or 0) for part in parts) / union.n
    assert nps.score(union) == pytest.approx(weighted, abs=1e-9)


@given(answered_counts)
def test_a_passive_moves_the_score_towards_zero(counts: NpsCounts) -> None:
    before, after = nps.score(counts), nps.score(counts + NpsCounts(passives=1))
    assert before is not None
    assert after is not None
    assert abs(after) <= abs(before)
    assert before * after > 0 or before == after == 0


@given(answered_counts)
def test_intervals_stay_on_the_scale(counts: NpsCounts) -> None:
    for interval in (nps.adjusted_wald(counts), nps.score_interval(counts)):
        assert interval is not None
        assert -100 <= interval.low < interval.high <= 100


@given(answered_counts)
def test_intervals_contain_the_raw_score_from_two_answers_on(counts: NpsCounts) -> None:
    assume(counts.n >= 2)
    score, adjusted, by_score = nps.score(counts), nps.adjusted_wald(counts), nps.score_interval(counts)
    assert score is not None
    assert adjusted is not None
    assert by_score is not None
    assert adjusted.low <= score <= adjusted.high
    assert by_score.low <= score + 1e-9
    assert score - 1e-9 <= by_score.high


@given(answered_counts, st.integers(2, 20))
def test_intervals_narrow_with_more_answers_of_the_same_shares(counts: NpsCounts, times: int) -> None:
    assume(counts.n >= 2)
    more = NpsCounts(counts.promoters * times, counts.passives * times, counts.detractors * times)
    for interval in (nps.adjusted_wald, nps.score_interval):
        few, many = interval(counts), interval(more)
        assert few is not None
        assert many is not None
        assert many.high - many.low < few.high - few.low


@given(answered_counts)
def test_intervals_mirror_when_promoters_and_detractors_swap(counts: NpsCounts) -> None:
    mirrored = NpsCounts(counts.detractors, counts.passives, counts.promoters)
    for interval in INTERVALS:
        here, there = interval(counts), interval(mirrored)
        assert here is not None
        assert there is not None
        assert (-there.high, -there.low) == pytest.approx(here, abs=1e-6)


@given(answered_counts, answered_counts)
def test_swapping_the_periods_negates_the_change(before: NpsCounts, after: NpsCounts) -> None:
    there, back = nps.change(before, after), nps.change(after, before)
    assert there is not None
    assert back is not None
    assert (back.raw, back.adjusted, back.low, back.high) == pytest.approx(
        (-there.raw, -there.adjusted, -there.high, -there.low)
    )
    assert back.p_value == pytest.approx(there.p_value)
