"""The scale of the twenty emotions: ranks from 1 (despair) to 20 (enthusiastic), and the valence of a set of them.

The order is the founding text's own ladder (S0, figure 8.5), an ordinal one: valence spreads its ranks evenly over -1
to 1 and claims no more. One answer is a set of ranks, held as a whole number: bit rank-1 is set for each picked rank.
"""

from __future__ import annotations

from collections.abc import Iterable

LOWEST, HIGHEST = 1, 20
RANKS = range(LOWEST, HIGHEST + 1)
MOST_PICKS = 3
"""How many words one answer may name."""

_MIDDLE = (LOWEST + HIGHEST) / 2
_MASKS = range(1, 1 << HIGHEST)


def valence_of(rank: int) -> float:
    """From -1 to 1, below 0 for the unpleasant half of the scale. Raises ValueError for what is no rank."""
    if rank not in RANKS:
        raise ValueError(f"{rank!r} is no rank of the scale")
    return (rank - _MIDDLE) / (HIGHEST - _MIDDLE)


def mask_of(ranks: Iterable[int]) -> int:
    """The set of these ranks as bits. Raises ValueError for an empty set and for what is no rank."""
    mask = 0
    for rank in ranks:
        if rank not in RANKS:
            raise ValueError(f"{rank!r} is no rank of the scale")
        mask |= 1 << (rank - 1)
    if mask == 0:
        raise ValueError("a set of emotions has at least one")
    return mask


def ranks_of(mask: int) -> tuple[int, ...]:
    """The ranks of a set, lowest first. Raises ValueError for what is no set."""
    if mask not in _MASKS:
        raise ValueError(f"{mask!r} is no set of emotions")
    return tuple(rank for rank in RANKS if mask >> (rank - 1) & 1)


def valence(mask: int) -> float:
    """The mean valence of the ranks of a set, from -1 to 1. Raises ValueError for what is no set."""
    ranks = ranks_of(mask)
    return sum(valence_of(rank) for rank in ranks) / len(ranks)
