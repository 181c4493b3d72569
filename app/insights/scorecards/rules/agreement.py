"""What was agreed with a partner against what the month shows: each target judged, and one number of them all.

Everything is reckoned from the figures that stand on the card, so that whoever reads the card can do it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.insights.scorecards.rules.metrics import rounded
from app.metrics.composite import Item, compose, proof
from app.partners.rules import LATE_MEASURES, MEAN, SHARE, VOICE, Target

NOTHING_AGREED: dict[str, Any] = {"items": [], "composite": None}


class _Shown(NamedTuple):
    """A figure of the card; `value` is None when nothing was measured or people have to be protected."""

    n: int
    value: float | None
    low: float | None
    high: float | None
    suppressed: bool = False


_NOTHING, _HIDDEN = _Shown(0, None, None, None), _Shown(0, None, None, None, suppressed=True)


def kinds(targets: Sequence[Target]) -> dict[str, str]:
    """By the name of a measure whether its share or its mean was agreed on, for those of which a card shows either."""
    return {
        target.measure.partition(":")[2]: "mean" if target.measure.startswith(MEAN) else "share"
        for target in targets
        if target.measure.startswith((SHARE, MEAN))
    }


def judged(targets: Sequence[Target], card: Mapping[str, Any]) -> dict[str, Any]:
    """The items and the composite (domain 3.1). `card` has the figures, the measures and the cases of the month.

    `score` is 0 at the floor and 100 at the target, `verdict` what the interval proves; both are None for an item on
    fewer than its `min_n`, whose weight goes to the others. `share` and `coverage` are percent of all weight.
    """
    if not targets:
        return NOTHING_AGREED
    pairs = [(target, _shown(target.measure, card)) for target in targets]
    whole = compose([_item(target, shown) for target, shown in pairs])
    weight = sum(target.weight for target in targets)
    return {
        "items": [_judged(target, shown, weight) for target, shown in pairs],
        "composite": {"score": rounded(whole.score), "coverage": rounded(100 * whole.coverage)},
    }


def _judged(target: Target, shown: _Shown, weight: float) -> dict[str, Any]:
    item = _item(target, shown)
    return {
        **vars(target),
        "agreed_on": target.agreed_on.isoformat(),
        "share": rounded(100 * target.weight / weight),
        **shown._asdict(),
        "score": rounded(item.score) if item.counts else None,
        "verdict": proof(shown.low, shown.high, target.floor, target.target) if item.counts else None,
    }


def _item(target: Target, shown: _Shown) -> Item:
    return Item(target.measure, target.weight, shown.value, shown.n, target.min_n, target.floor, target.target)


def _shown(measure: str, card: Mapping[str, Any]) -> _Shown:
    """What the card shows of a measure."""
    if measure in VOICE:
        found = next((one for one in card["figures"] if one["metric"] == measure), None)
        return _NOTHING if found is None else _HIDDEN if found["suppressed"] else _of(found, "score")
    if measure in ("first_contact", "resolution"):
        return _of(card["cases"][measure], "share")
    kind = "mean" if measure.startswith(MEAN) else "share"
    names = LATE_MEASURES if measure == "late" else (measure.partition(":")[2],)
    named = {one["key"]: one for one in card["measures"] if one["kind"] == kind}
    return next((_of(named[name], kind) for name in names if name in named), _NOTHING)


def _of(figure: Mapping[str, Any], value: str) -> _Shown:
    return _Shown(figure["n"], figure[value], figure["low"], figure["high"])
