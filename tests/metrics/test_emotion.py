"""The scale of emotions: valence by rank (the table and oracle 1.15 of the method), and sets of ranks as bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.metrics.emotion import RANKS, mask_of, ranks_of, valence, valence_of

TABLE = [-1.0, -0.895, -0.789, -0.684, -0.579, -0.474, -0.368, -0.263, -0.158, -0.053]
"""The unpleasant half of the method's table; the pleasant half mirrors it."""

ORACLE_1_15 = [(15, 0.4737), (13, 0.2632), (17, 0.6842), (6, -0.4737), (3, -0.7895), (2, -0.8947)]

rank_sets = st.sets(st.sampled_from(RANKS), min_size=1)


def test_the_table_of_valences() -> None:
    assert [round(valence_of(rank), 3) for rank in RANKS] == TABLE + [-value for value in reversed(TABLE)]


@pytest.mark.parametrize(("rank", "expected"), ORACLE_1_15)
def test_oracle_1_15(rank: int, expected: float) -> None:
    assert round(valence_of(rank), 4) == expected == round(valence(mask_of([rank])), 4)


def test_bits_and_their_mean_valence() -> None:
    assert mask_of([1]) == 1
    assert mask_of([20]) == 1 << 19
    assert mask_of([6, 2, 6]) == 0b100010
    assert ranks_of(0b100010) == (2, 6)
    assert valence(mask_of([1, 20])) == 0
    assert round(valence(mask_of([2, 6, 14])), 4) == -0.3333


@given(rank_sets)
def test_a_set_comes_back_and_its_valence_lies_between_its_ends(ranks: set[int]) -> None:
    mask = mask_of(ranks)
    assert set(ranks_of(mask)) == ranks
    assert list(ranks_of(mask)) == sorted(ranks)
    assert valence_of(min(ranks)) - 1e-12 <= valence(mask) <= valence_of(max(ranks)) + 1e-12


@pytest.mark.parametrize("ranks", [[], [0], [21], [-1], [2, 21], [1.5]])
def test_what_is_no_set_of_ranks(ranks: list[int]) -> None:
    with pytest.raises(ValueError, match=r"set of emotions|no rank"):
        mask_of(ranks)


@pytest.mark.parametrize("mask", [0, -1, 1 << 20])
def test_what_is_no_mask(mask: int) -> None:
    with pytest.raises(ValueError, match="no set"):
        ranks_of(mask)
    with pytest.raises(ValueError, match="no set"):
        valence(mask)
