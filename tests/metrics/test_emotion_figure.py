"""Emotion against oracle 1.17; answers of several words; and when one emotion may be called the dominant one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.metrics import emotion_figure
from app.metrics.emotion import mask_of, valence

masks = st.sets(st.integers(1, 20), min_size=1, max_size=3).map(mask_of)
tallies = st.dictionaries(masks, st.integers(0, 50), max_size=12)


def _picked(tally: dict[int, int]) -> dict[int, int]:
    return {mask_of([rank]): answers for rank, answers in tally.items()}


def test_oracle_1_17() -> None:
    figure = emotion_figure.figure(_picked({2: 12, 6: 8, 11: 30, 14: 40, 20: 10}))
    assert figure.n == 100
    assert figure.score == pytest.approx(0.1179, abs=5e-5)
    assert figure.se == pytest.approx(0.0508, abs=5e-5)
    assert (figure.positive_share, figure.negative_share, figure.net) == pytest.approx((80, 20, 60))
    # Wilson of 80 of 100, and the t quantile 1.9842 of 99 degrees of freedom.
    assert (figure.positive_low, figure.positive_high) == pytest.approx((71.11, 86.66), abs=0.01)
    assert (figure.low, figure.high) == pytest.approx((0.1179 - 1.9842 * 0.0508, 0.1179 + 1.9842 * 0.0508), abs=2e-4)
    assert [figure.counts[rank] for rank in (1, 2, 6, 11, 14, 20)] == [0, 12, 8, 30, 40, 10]


def test_an_answer_of_three_words_weighs_as_much_as_one_of_one() -> None:
    figure = emotion_figure.figure({mask_of([1, 2, 3]): 1, mask_of([20]): 1})
    assert figure.n == 2
    assert figure.score == pytest.approx((-17 / 19 + 1) / 2)
    assert sum(figure.counts.values()) == 4


def test_an_answer_may_lie_exactly_in_the_middle() -> None:
    figure = emotion_figure.figure({mask_of([10, 11]): 3, mask_of([1, 20]): 2})
    assert (figure.score, figure.positive, figure.negative, figure.net) == (0.0, 0, 0, 0.0)
    assert (figure.sd, figure.low, figure.high) == (0.0, None, None)


def test_no_answers_and_one_answer() -> None:
    nobody, one = emotion_figure.figure({}), emotion_figure.figure(_picked({7: 1}))
    assert (nobody.n, nobody.score, nobody.net, nobody.dominant, nobody.positive_low) == (0, None, None, None, None)
    assert one.score == pytest.approx(-7 / 19)
    assert (one.sd, one.se, one.low, one.high) == (None, None, None, None)


@pytest.mark.parametrize(
    ("tally", "dominant"),
    [
        ({14: 40, 11: 30}, None),  # 57 % against 43 %: the intervals overlap
        ({14: 60, 11: 10}, 14),
        ({2: 10}, 2),
        ({2: 9}, None),  # too few answers to say anything
        ({5: 20, 9: 20}, None),
    ],
)
def test_an_emotion_is_dominant_only_when_it_is_clearly_ahead(tally: dict[int, int], dominant: int | None) -> None:
    assert emotion_figure.figure(_picked(tally)).dominant == dominant


@pytest.mark.parametrize("tally", [{0: 1}, {1 << 20: 1}, {0b1111: 1}, {1: -1}])
def test_what_is_not_an_answer_is_refused(tally: dict[int, int]) -> None:
    with pytest.raises(ValueError, match=r"no set|cannot be"):
        emotion_figure.figure(tally)


def test_a_change_of_the_mean() -> None:
    before, after = (emotion_figure.figure(_picked(one)) for one in ({2: 20, 14: 20}, {2: 4, 14: 36}))
    change = emotion_figure.mean_change(before, after)
    assert change is not None
    assert change.raw == pytest.approx(0.4 * 24 / 19)
    assert change.verdict == "up"
    assert emotion_figure.mean_change(emotion_figure.figure({}), after) is None


@given(tallies)
def test_a_figure_is_consistent(tally: dict[int, int]) -> None:
    figure = emotion_figure.figure(tally)
    answers = [valence(mask) for mask, people in tally.items() for _person in range(people)]
    assert figure.n == len(answers)
    if figure.score is None:
        return
    assert figure.score == pytest.approx(sum(answers) / len(answers), abs=1e-12)
    assert figure.positive + figure.negative <= figure.n
    if figure.low is not None and figure.high is not None:
        assert -1 <= figure.low <= figure.score + 1e-12
        assert figure.score - 1e-12 <= figure.high <= 1


@given(tallies)
def test_turning_the_ladder_round_turns_the_figure_round(tally: dict[int, int]) -> None:
    turned = {int(f"{mask:020b}"[::-1], 2): people for mask, people in tally.items()}
    here, there = emotion_figure.figure(tally), emotion_figure.figure(turned)
    assert (here.positive, here.negative, here.n) == (there.negative, there.positive, there.n)
    if here.score is not None and there.score is not None:
        assert here.score == pytest.approx(-there.score, abs=1e-12)
