"""Comparing many units fairly: how much they differ at all, their shrunk means, and the limits of a funnel.

The spread between units (tau squared) is estimated by the moments of DerSimonian and Laird; each mean is drawn
towards the common one by how little its own answers tell (empirical Bayes). Shrunk means order units and warn early;
contracts rest on unshrunk ones. Sources: DerSimonian and Laird, Controlled Clinical Trials 7 (1986); Spiegelhalter,
Statistics in Medicine 24 (2005), doi 10.1002/sim.1970.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from app.metrics.intervals import NORMAL, Z95

Z998 = NORMAL.inv_cdf(0.999)
Position = Literal["inside", "high", "low", "very_high", "very_low"]


@dataclass(frozen=True)
class Unit:
    """One unit's answers: how many (at least 1), and their mean."""

    n: int
    mean: float


@dataclass(frozen=True)
class Shrunk:
    """A mean drawn towards the common one; `reliability` from 0 (tells nothing of its own) to 1."""

    mean: float
    reliability: float


@dataclass(frozen=True)
class Shrinkage:
    """The common mean, the spread of the units around it (in squared units), and each unit in the order given."""

    mean: float
    tau_squared: float
    q: float
    units: tuple[Shrunk, ...]

    @property
    def has_difference(self) -> bool:
        """Whether the units differ by more than chance; if not, say "no detectable difference"."""
        return self.tau_squared > 0


@dataclass(frozen=True)
class Funnel:
    """The limits at one number of answers, in the figure's unit: chance alone keeps 95 % and 99.8 % of units inside."""

    low: float
    high: float
    far_low: float
    far_high: float

    def position(self, value: float) -> Position:
        """Where a mean lies; on a limit is inside."""
        if value > self.high:
            return "very_high" if value > self.far_high else "high"
        if value < self.low:
            return "very_low" if value < self.far_low else "low"
        return "inside"


def shrink(units: Sequence[Unit], sd: float) -> Shrinkage | None:
    """Shrink the means of units whose single answers have the standard deviation `sd`; None without units.

    When single answers do not vary (`sd` 0) each mean is taken as it is. Raises ValueError for a unit without answers
    or a negative `sd`.
    """
    if sd < 0 or any(unit.n < 1 for unit in units):
        raise ValueError("units have at least one answer, and a spread is not negative")
    if not units:
        return None
    if sd == 0:
        mean = _weighted([unit.mean for unit in units], [float(unit.n) for unit in units])
        return Shrinkage(mean, _variance([unit.mean for unit in units]), 0.0, tuple(Shrunk(u.mean, 1.0) for u in units))
    means, weights = [unit.mean for unit in units], [unit.n / sd**2 for unit in units]
    fixed = _weighted(means, weights)
    q = sum(weight * (mean - fixed) ** 2 for mean, weight in zip(means, weights, strict=True))
    tau_squared = _tau_squared(q, weights)
    common = _weighted(means, [1 / (tau_squared + 1 / weight) for weight in weights])
    return Shrinkage(common, tau_squared, q, tuple(_shrunk(unit, sd, tau_squared, common) for unit in units))


def answers_for(reliability: float, sd: float, tau_squared: float) -> float | None:
    """How many answers a unit needs for this reliability (0..1); None when the units do not differ.

    Raises ValueError unless 0 <= reliability < 1.
    """
    if not 0 <= reliability < 1:
        raise ValueError("a reliability lies between 0 and 1")
    return sd**2 / tau_squared * reliability / (1 - reliability) if tau_squared > 0 else None


def funnel(mean: float, sd: float, n: int, tau_squared: float = 0.0) -> Funnel:
    """The limits around a common mean for a unit with `n` answers, widened by the spread that units always have.

    Raises ValueError below one answer or for a negative spread.
    """
    if n < 1 or sd < 0 or tau_squared < 0:
        raise ValueError("a funnel has at least one answer and no negative spread")
    error = sqrt(tau_squared + sd**2 / n)
    return Funnel(mean - Z95 * error, mean + Z95 * error, mean - Z998 * error, mean + Z998 * error)


def _shrunk(unit: Unit, sd: float, tau_squared: float, common: float) -> Shrunk:
    reliability = tau_squared / (tau_squared + sd**2 / unit.n)
    return Shrunk(reliability * unit.mean + (1 - reliability) * common, reliability)


def _tau_squared(q: float, weights: Sequence[float]) -> float:
    total = sum(weights)
    reach = total - sum(weight * weight for weight in weights) / total
    return max(0.0, (q - (len(weights) - 1)) / reach) if len(weights) > 1 else 0.0


def _weighted(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)


def _variance(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)
