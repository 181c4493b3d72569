"""What a unit may be told about its peers without any of them being recognised.

A benchmark needs at least five other units. One that weighs units by their answers would show a large one, so it is
withheld when a single unit holds more than half of the answers or two more than 80 %; the median counts each unit
once and remains. The limits are those of official statistics' dominance rule, in our judgement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Literal

FEWEST_OTHERS = 5
MOST_OF_ONE, MOST_OF_TWO = 0.5, 0.8
_FEWEST_FOR_QUARTERS = 10
Standing = Literal["lower_third", "middle_third", "upper_third", "lower_quarter", "middle_half", "upper_quarter"]


@dataclass(frozen=True)
class Disclosure:
    """What may be shown, and the shares (0..1) of the answers that the largest one and the two largest units hold."""

    others: int
    top_share: float
    top_two_share: float
    may_show_weighted: bool
    may_show_median: bool


@dataclass(frozen=True)
class Benchmark:
    """The peers' median and quartiles, each unit counted once, and where the own value stands among all."""

    others: int
    lower_quartile: float
    median: float
    upper_quartile: float
    standing: Standing


def disclose(bases: Sequence[int]) -> Disclosure:
    """The rule for a network by the answers of its units, the asking one included; a unit without answers is none."""
    sizes = sorted((n for n in bases if n > 0), reverse=True)
    total, others = sum(sizes), max(0, len(sizes) - 1)
    first, two = (sum(sizes[:1]) / total, sum(sizes[:2]) / total) if total else (0.0, 0.0)
    is_enough = others >= FEWEST_OTHERS
    return Disclosure(others, first, two, is_enough and first <= MOST_OF_ONE and two <= MOST_OF_TWO, is_enough)


def benchmark(own: float, others: Sequence[float]) -> Benchmark | None:
    """Where `own` stands among its peers (high is good); None below five of them."""
    if len(others) < FEWEST_OTHERS:
        return None
    low, _, high = quantiles(others, n=4, method="inclusive")
    return Benchmark(len(others), low, median(others), high, _standing(own, others))


def _standing(own: float, others: Sequence[float]) -> Standing:
    """Ties count half. Among fewer than ten units only thirds are told, for a rank would name neighbours."""
    rank = sum((one < own) + 0.5 * (one == own) for one in others) / len(others)
    if len(others) + 1 < _FEWEST_FOR_QUARTERS:
        return "lower_third" if rank < 1 / 3 else "upper_third" if rank > 2 / 3 else "middle_third"
    return "lower_quarter" if rank < 0.25 else "upper_quarter" if rank > 0.75 else "middle_half"
