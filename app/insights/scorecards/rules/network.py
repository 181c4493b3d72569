"""The fair comparison of partners in one month: case-mix, shrinkage, funnel; and what of it a partner may be told.

`compare` gives all of it, for staff. `told_to_staff` and `told_to_partner` take one partner's part: the partner never
sees another's name, value or number, and nothing by which one could be worked out.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

from app.insights.scorecards.rules.metrics import is_suppressed, rounded, worth
from app.metrics.casemix import Cell, adjust
from app.metrics.disclosure import benchmark, disclose
from app.metrics.display import LOW_BASE_BELOW, SHOW_SCORE_FROM
from app.metrics.figures import METRICS
from app.metrics.shrinkage import Unit, funnel, shrink

PLACED_FROM = LOW_BASE_BELOW
"""From this many answers on a partner is placed among the others (domain: ranked from 30 on, with shrinkage)."""

STRATUM_ATTRIBUTES = ("region", "product", "category", "service_level", "difficulty")
"""What an interaction may carry that its partner does not choose; one of them and the touchpoint make the strata."""

Cells = dict[str, dict[str, dict[int, int]]]
"""Answers by partner id, stratum and value."""


def stratum_attribute(carrying: Mapping[str, int], answers: int) -> str | None:
    """The attribute to compare like with like by: of those that at least half of the answers carry, the commonest."""
    fit = [name for name in STRATUM_ATTRIBUTES if carrying.get(name, 0) * 2 >= answers > 0]
    return max(fit, key=lambda name: (carrying[name], -STRATUM_ATTRIBUTES.index(name)), default=None)


def compare(cells: Mapping[str, Cells], anonymous: Mapping[str, Mapping[str, int]], by: list[str]) -> dict[str, Any]:
    """The comparison by metric. `anonymous` counts a partner's answers that name nobody: too few of them to be told
    apart from the others leave the comparison. `by` says what the strata are made of."""
    metrics = {}
    for metric, partners in cells.items():
        open_ = {who: strata for who, strata in partners.items() if not is_suppressed(anonymous[metric].get(who, 0))}
        if found := _compared(metric, open_):
            metrics[metric] = found
    return {"by": by, "metrics": metrics}


def _compared(metric: str, partners: Cells) -> dict[str, Any] | None:
    mix = adjust(
        {who: {key: _cell(metric, tally) for key, tally in strata.items()} for who, strata in partners.items()}
    )
    if mix is None:
        return None
    sd = _spread(metric, partners)
    shrunk = shrink([Unit(one.n, one.adjusted) for one in mix.units.values()], sd)
    assert shrunk is not None  # there is a unit, or nothing would have been adjusted
    units = {}
    for (who, one), drawn in zip(mix.units.items(), shrunk.units, strict=True):
        limits = funnel(shrunk.mean, sd, one.n, shrunk.tau_squared)
        values = {
            **{"n": one.n, "raw": one.raw, "expected": one.expected, "difference": one.difference},
            **{"adjusted": one.adjusted, "shrunk": drawn.mean, "reliability": drawn.reliability},
        }
        place = limits.position(one.adjusted) if one.n >= PLACED_FROM else None
        units[who] = {**_rounded(values), "low_base": one.n < LOW_BASE_BELOW, "position": place}
    values = {"network": mix.network, "mean": shrunk.mean, "sd": sd, "tau": sqrt(shrunk.tau_squared)}
    return {**_rounded(values), "strata": len(mix.strata), "units": units}


def _cell(metric: str, tally: Mapping[int, int]) -> Cell:
    n = sum(tally.values())
    return Cell(n, sum(worth(metric, value) * answers for value, answers in tally.items()) / n if n else 0.0)


def _spread(metric: str, partners: Cells) -> float:
    """The standard deviation of single answers around their partner's mean; 0 where no partner has two."""
    squares, free = 0.0, 0
    for strata in partners.values():
        values = [(worth(metric, value), answers) for tally in strata.values() for value, answers in tally.items()]
        n = sum(answers for _value, answers in values)
        mean = sum(value * answers for value, answers in values) / n
        squares += sum(answers * (value - mean) ** 2 for value, answers in values)
        free += n - 1
    return sqrt(squares / free) if free > 0 else 0.0


def told_to_staff(network: Mapping[str, Any], partner: str) -> list[dict[str, Any]]:
    """One partner's part for the tenant's staff, metric by metric; `peers` are the others, by id."""
    found = []
    for metric, whole in _in_order(network):
        if partner in whole["units"]:
            peers = {who: unit for who, unit in whole["units"].items() if who != partner}
            found.append({"metric": metric, **_part(whole, partner), "peers": peers})
    return found


def told_to_partner(network: Mapping[str, Any], partner: str) -> list[dict[str, Any]]:
    """One partner's part for itself: what would tell of another's answers is None, and `withheld` says so."""
    found = []
    for metric, whole in _in_order(network):
        if partner not in whole["units"]:
            continue
        part = _part(whole, partner)
        if not disclose([unit["n"] for unit in whole["units"].values()]).may_show_weighted:
            kept = {"n": part["n"], "raw": part["raw"], "low_base": part["low_base"], "benchmark": part["benchmark"]}
            part = {**dict.fromkeys(part), **kept, "withheld": True}
        found.append({"metric": metric, **part})
    return found


def _in_order(network: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The metrics in the order of a card; a kept comparison has them in that of their letters."""
    return [(metric, network["metrics"][metric]) for metric in METRICS if metric in network["metrics"]]


def _part(whole: Mapping[str, Any], partner: str) -> dict[str, Any]:
    unit = whole["units"][partner]
    values = {name: unit[name] for name in unit if name != "position"}
    values |= {name: whole[name] for name in ("network", "mean", "sd", "tau", "strata")}
    return {**values, "position": unit["position"], "benchmark": _benchmark(whole, partner), "withheld": False}


def _benchmark(whole: Mapping[str, Any], partner: str) -> dict[str, Any] | None:
    """The quartiles of the others whose score may be shown at all, each counted once."""
    unit = whole["units"][partner]
    shown = [one["adjusted"] for who, one in whole["units"].items() if who != partner and one["n"] >= SHOW_SCORE_FROM]
    found = benchmark(unit["adjusted"], shown) if unit["n"] >= SHOW_SCORE_FROM else None
    if found is None:
        return None
    quartiles = {
        "lower_quartile": found.lower_quartile,
        "median": found.median,
        "upper_quartile": found.upper_quartile,
    }
    return {**_rounded(quartiles), "standing": found.standing}


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rounded(value) for name, value in values.items()}
