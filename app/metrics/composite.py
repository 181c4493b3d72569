"""One number from the items of a scorecard, and whether an item has proven its target.

Each item is put on 0..100 between its floor and its target. Items on too few answers leave, the weights of the rest
are scaled up, and below 60 % of the weight there is no number at all. The colour of an item follows its interval and
not its point: what is neither proven nor refuted is "not proven".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LEAST_COVERAGE = 0.6
_ROUNDING = 1e-9
Proof = Literal["met", "missed", "unproven"]


@dataclass(frozen=True)
class Item:
    """One item in its own unit; where low is good the target lies below the floor. `value` None: not measured."""

    key: str
    weight: float
    value: float | None
    n: int
    fewest: int
    floor: float
    target: float

    def __post_init__(self) -> None:
        if self.weight < 0 or self.floor == self.target:
            raise ValueError(f"{self.key}: a weight is not negative, and a target is not its floor")

    @property
    def score(self) -> float | None:
        """0 at the floor or beyond, 100 at the target or beyond; None when nothing is measured."""
        if self.value is None:
            return None
        return min(100.0, max(0.0, 100 * (self.value - self.floor) / (self.target - self.floor)))

    @property
    def counts(self) -> bool:
        """Whether enough answers stand behind it."""
        return self.value is not None and self.n >= self.fewest


@dataclass(frozen=True)
class Composite:
    """`score` 0..100, None below 60 % coverage; `coverage` is the share (0..1) of the weight that counts."""

    score: float | None
    coverage: float
    excluded: tuple[str, ...]


def compose(items: Sequence[Item]) -> Composite:
    """The composite of the items that have enough answers."""
    counted = [(item.weight, item.score) for item in items if item.counts and item.score is not None]
    total, weight = sum(item.weight for item in items), sum(weight for weight, _ in counted)
    coverage = weight / total if total else 0.0
    score = None
    # Weights such as 0.35 + 0.25 may fall a hair short of the 60 % that they are.
    if weight and coverage >= LEAST_COVERAGE - _ROUNDING:
        score = sum(weight * score for weight, score in counted) / weight
    return Composite(score, coverage, tuple(item.key for item in items if not item.counts))


def proof(low: float | None, high: float | None, floor: float, target: float) -> Proof:
    """What an interval shows: "met" wholly at the target or better, "missed" wholly worse than the floor."""
    if low is None or high is None:
        return "unproven"
    if target >= floor:
        return "met" if low >= target else "missed" if high < floor else "unproven"
    return "met" if high <= target else "missed" if low > floor else "unproven"
