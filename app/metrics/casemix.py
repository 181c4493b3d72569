"""Case-mix adjustment: what a unit's mean would be if it served what the whole network serves.

Indirect standardisation: a unit is expected to score what the network scores on the same mix of strata, and its
adjusted figure is the network's mean plus what it is above or below that. Strata are what the unit does not control
(region, product, channel); adjusting for what it does control, such as lateness, would excuse it.
Source: the practice of adjusted hospital ratings (HCAHPS technical notes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FEWEST_PER_STRATUM = 30
"""Strata in which the whole network has fewer answers are taken together: their mean would be chance."""

MOST_STRATA = 50


@dataclass(frozen=True)
class Cell:
    """One unit's answers in one stratum: how many, and their mean in the figure's unit."""

    n: int
    mean: float


@dataclass(frozen=True)
class Adjusted:
    """One unit: `raw`, `expected` and `adjusted` in the figure's unit; `difference` is raw minus expected."""

    n: int
    raw: float
    expected: float
    difference: float
    adjusted: float


@dataclass(frozen=True)
class CaseMix:
    """The network's mean, the mean of each stratum, and the units that have answers."""

    network: float
    strata: dict[str, float]
    units: dict[str, Adjusted]


def adjust(cells: Mapping[str, Mapping[str, Cell]]) -> CaseMix | None:
    """Adjust units (by key) whose answers are split over strata (by key); None when nobody has answered.

    Raises ValueError for a count below 0.
    """
    if any(cell.n < 0 for strata in cells.values() for cell in strata.values()):
        raise ValueError("a count is below zero")
    merged = _merged(cells)
    sums = {unit: {key: (n, total) for key, (n, total) in strata.items() if n} for unit, strata in merged.items()}
    by_stratum = _totals(sums)
    if not by_stratum:
        return None
    means = {key: total / n for key, (n, total) in by_stratum.items()}
    network = sum(total for _, total in by_stratum.values()) / sum(n for n, _ in by_stratum.values())
    units = {unit: _adjusted(strata, means, network) for unit, strata in sums.items() if strata}
    return CaseMix(network, means, units)


Sums = dict[str, dict[str, tuple[int, float]]]


def _adjusted(strata: Mapping[str, tuple[int, float]], means: Mapping[str, float], network: float) -> Adjusted:
    n = sum(answers for answers, _ in strata.values())
    raw = sum(total for _, total in strata.values()) / n
    expected = sum(answers * means[key] for key, (answers, _) in strata.items()) / n
    return Adjusted(n, raw, expected, raw - expected, network + raw - expected)


def _totals(sums: Sums) -> dict[str, tuple[int, float]]:
    found: dict[str, tuple[int, float]] = {}
    for strata in sums.values():
        for key, (n, total) in strata.items():
            n_before, total_before = found.get(key, (0, 0.0))
            found[key] = (n_before + n, total_before + total)
    return found


def _merged(cells: Mapping[str, Mapping[str, Cell]]) -> Sums:
    """The cells as counts and totals, the smallest strata taken together under the name of the largest of them."""
    sums = {unit: {key: (one.n, one.n * one.mean) for key, one in strata.items()} for unit, strata in cells.items()}
    size = {key: n for key, (n, _) in _totals(sums).items()}
    taken = _too_small(size)
    if len(taken) < 2:
        return sums
    name = max(taken, key=lambda key: (size[key], key))
    merged: Sums = {}
    for unit, strata in sums.items():
        merged[unit] = {key: one for key, one in strata.items() if key not in taken}
        rest = [one for key, one in strata.items() if key in taken]
        merged[unit][name] = (sum(n for n, _ in rest), sum(total for _, total in rest))
    return merged


def _too_small(size: Mapping[str, int]) -> set[str]:
    """The strata to take together: the small ones, and the next smallest until the rest is large and few enough."""
    taken: set[str] = set()
    for key in sorted(size, key=lambda key: (size[key], key)):
        together = sum(size[one] for one in taken)
        is_enough = not taken or together >= FEWEST_PER_STRATUM
        if size[key] >= FEWEST_PER_STRATUM and is_enough and len(size) - max(0, len(taken) - 1) <= MOST_STRATA:
            break
        taken.add(key)
    return taken
