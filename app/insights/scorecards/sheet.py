"""What page and PDF show of a scorecard: its document, the charts and the words for it, for both alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.insights.figures.trend_words import axis_words
from app.insights.figures.words import METRIC_SENTENCES, METRIC_WORDS, SCALES, UNITS, value_words
from app.insights.scorecards import words
from app.insights.scorecards.queries import Card, Peer
from app.insights.scorecards.words import targets as target_words
from app.metrics.display import SHOW_SCORE_FROM
from app.partners.rules import LATE_MEASURES, MEAN, scale_of
from app.web.charts import sketches
from app.web.charts.drawing import Drawing, draw

_TONES: dict[str, Callable[[int], sketches.Tone]] = {
    "nps": lambda value: "low" if value < 7 else "middle" if value < 9 else "high",
    "csat": lambda value: "low" if value < 3 else "middle" if value < 4 else "high",
    "ces": lambda value: "low" if value < 4 else "middle" if value < 5 else "high",
}
_VALUES = {"nps": range(11), "csat": range(1, 6), "ces": range(1, 8)}


def sheet(
    card: Card, month_url: Callable[[str], str], peers: Mapping[str, Sequence[Peer]] | None = None
) -> dict[str, Any]:
    """What the templates need. `month_url` gives the address of another month's card; `peers` are for staff only."""
    agreed = {one["measure"]: one for one in card["targets"]["items"]}
    return {
        "card": card,
        "words": words,
        "metric_words": METRIC_WORDS,
        "metric_sentences": METRIC_SENTENCES,
        "value_words": value_words,
        "scales": SCALES,
        "values": _VALUES,
        "agreed": agreed,
        "agreed_measures": _by_measure(agreed),
        "target_words": target_words,
        "target_scales": _target_scales(card),
        "trends": {one["metric"]: _trend(one, month_url, agreed.get(one["metric"], {})) for one in card["trend"]},
        "spreads": {one["metric"]: _spread(one) for one in card["figures"] if _has_spread(one)},
        "funnels": {one["metric"]: _funnel(one, peers or {}) for one in _placed(card)},
        "peers": peers or {},
        "month_url": month_url,
        "is_for_staff": peers is not None,
    }


def _by_measure(agreed: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What was agreed, by the measure of interactions that it is about."""
    found = {measure.partition(":")[2]: one for measure, one in agreed.items() if ":" in measure}
    return {**found, **{name: agreed["late"] for name in LATE_MEASURES if "late" in agreed}}


def _target_scales(card: Card) -> dict[str, tuple[float, float]]:
    """The ends of the axis on which a target is drawn; a mean has none."""
    measures = [one["measure"] for one in card["targets"]["items"]]
    return {measure: scale_of(measure) for measure in measures if not measure.startswith(MEAN)}


def _trend(one: Mapping[str, Any], month_url: Callable[[str], str], agreed: Mapping[str, Any]) -> Drawing:
    metric, months = one["metric"], one["months"]
    periods = [
        sketches.Period(
            label=axis_words("month", point["month"], is_first=place == 0),
            value=point["score"] if words.is_shown(point) else None,
            low=point["low"],
            high=point["high"],
            is_low_base=point["low_base"],
            words=f"{words.month(point['month'])}: {words.point(metric, point)}",
            url=month_url(point["month"]),
        )
        for place, point in enumerate(months)
    ]
    lines = {"target": agreed.get("target"), "floor": agreed.get("floor")}
    return draw(lambda size: sketches.trend(periods, SCALES[metric], size, UNITS[metric], **lines))


def _has_spread(one: Mapping[str, Any]) -> bool:
    return one["metric"] in _VALUES and not one["suppressed"] and one["n"] >= SHOW_SCORE_FROM


def _spread(one: Mapping[str, Any]) -> Drawing:
    metric, counts = one["metric"], one["counts"]
    columns = [
        sketches.Column(str(value), counts.get(str(value), 0), _TONES[metric](value)) for value in _VALUES[metric]
    ]
    return draw(lambda size: sketches.distribution(columns, size))


def _placed(card: Card) -> list[Mapping[str, Any]]:
    """The metrics in which a funnel can be drawn: the spread of the network may be told, and there is one."""
    return [one for one in card["comparison"]["metrics"] if not one["withheld"] and one["sd"] and one["position"]]


def _funnel(one: Mapping[str, Any], peers: Mapping[str, Sequence[Peer]]) -> Drawing:
    """Staff see every partner, named where it lies outside the limits; a partner sees itself alone."""
    metric = one["metric"]
    others = [
        sketches.Dot(peer.unit["n"], peer.unit["adjusted"])
        for peer in peers.get(metric, [])
        if peer.unit["n"] >= SHOW_SCORE_FROM
    ]
    dots = [*others, sketches.Dot(one["n"], one["adjusted"], is_own=True)]
    return draw(
        lambda size: sketches.funnel(dots, one["mean"], one["sd"], one["tau"], SCALES[metric], size, UNITS[metric])
    )
