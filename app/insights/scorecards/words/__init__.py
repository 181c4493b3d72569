"""A scorecard in words: how its values are written, and in one sentence each what they mean and how they are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from babel.numbers import format_decimal
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.insights.figures.trend_words import months_words
from app.insights.figures.words import DECIMALS, PERCENT, score_words
from app.insights.scorecards.rules.facts import LATE
from app.insights.scorecards.rules.metrics import FEWEST_ANONYMOUS_WORDS
from app.insights.scorecards.rules.network import PLACED_FROM
from app.kernel.naming import readable
from app.metrics.display import SHOW_SCORE_FROM
from app.partners.words import month as month
from app.web import dates
from app.web.words import points, share

_POSITIONS = {
    "inside": _l("Within what chance alone explains: not distinguishable from the other partners."),
    "high": _l("Better than chance alone explains in 95 of 100 cases."),
    "low": _l("Worse than chance alone explains in 95 of 100 cases."),
    "very_high": _l("Clearly better than the other partners: chance alone explains it in 2 of 1,000 cases at most."),
    "very_low": _l("Clearly worse than the other partners: chance alone explains it in 2 of 1,000 cases at most."),
}
_STANDINGS = {
    "lower_third": _l("among the lower third"),
    "middle_third": _l("among the middle third"),
    "upper_third": _l("among the upper third"),
    "lower_quarter": _l("among the lower quarter"),
    "middle_half": _l("among the middle half"),
    "upper_quarter": _l("among the upper quarter"),
}
_STRATA = {
    "touchpoint": _l("touchpoint"),
    "region": _l("region"),
    "product": _l("product"),
    "category": _l("category"),
    "service_level": _l("service level"),
    "difficulty": _l("difficulty"),
}


def exact(metric: str, value: float) -> str:
    """A score with one decimal more, where two of them are subtracted from each other."""
    decimals = DECIMALS[metric] + 1
    return share(value, decimals) if metric in PERCENT else points(value, decimals)


def status(card: Mapping[str, Any]) -> str:
    """Whether the month can still move."""
    if card["status"] == "closed":
        return _("Closed on %(day)s: answers that come later no longer move it.", day=_day(card["closed_at"]))
    if datetime.fromisoformat(card["closes_at"]) <= datetime.fromisoformat(card["as_of"]):
        return _("As it stands now: this month has not been closed.")
    return _("Still open: answers count until %(day)s.", day=_day(card["closes_at"]))


def change(figure: Mapping[str, Any]) -> str:
    """How a figure moved against the month before, tested; nothing where there is no test."""
    moved = figure["change"]
    if moved is None:
        return ""
    shown = points(moved["raw"], DECIMALS[figure["metric"]])
    if moved["verdict"] == "unclear":
        return _("%(change)s against the month before, not distinguishable from no change", change=shown)
    if moved["verdict"] == "up":
        return _("%(change)s against the month before: better", change=shown)
    return _("%(change)s against the month before: worse", change=shown)


def trend(metric: str, months: Sequence[Mapping[str, Any]]) -> str:
    """What a trend shows, in a sentence."""
    shown = [(month(one["month"]), one["score"]) for one in months if is_shown(one)]
    return months_words(metric, shown, len(months))


def point(metric: str, one: Mapping[str, Any]) -> str:
    """One month of a trend: what was scored, or why nothing is shown."""
    return score_words(metric, one["score"], one["n"], is_suppressed=one["suppressed"])


def is_shown(one: Mapping[str, Any]) -> bool:
    """Whether a page may show the score: nobody has to be protected, and enough have answered."""
    return not one["suppressed"] and one["n"] is not None and one["n"] >= SHOW_SCORE_FROM


def measure(one: Mapping[str, Any]) -> tuple[str, str, str]:
    """(what was measured, its value, how it is made)."""
    if one["key"] == LATE:
        return (
            _("Late"),
            share(one["share"], 1),
            _("Interactions that were late by any time, of all with this measure."),
        )
    if one["kind"] == "share":
        return readable(one["key"]), share(one["share"], 1), _("How often it was so, of all with this measure.")
    return readable(one["key"]), number(one["mean"]), _("The mean of all with this measure.")


def number(value: float) -> str:
    """A plain number, with two decimals at most."""
    return format_decimal(value, format="#,##0.##", locale=get_locale())


def expected(one: Mapping[str, Any]) -> str:
    """Why the raw and the adjusted figure differ, in one sentence."""
    metric = one["metric"]
    words = {"expected": exact(metric, one["expected"]), "network": exact(metric, one["network"])}
    if words["expected"] == words["network"]:
        return _("Served the same mix as all partners together, so adjusting changes nothing.")
    if one["expected"] < one["network"]:
        return _(
            "Served a harder mix: all partners together reach %(expected)s on it and %(network)s overall, "
            "so the adjusted figure is higher.",
            **words,
        )
    return _(
        "Served an easier mix: all partners together reach %(expected)s on it and %(network)s overall, "
        "so the adjusted figure is lower.",
        **words,
    )


def shrunk(one: Mapping[str, Any]) -> str:
    """What the few answers of one month allow to expect."""
    if not one["tau"]:
        return _("This month the partners do not differ by more than chance explains.")
    return _(
        "Weighed by how much %(n)s answers tell (reliability %(reliability)s), %(score)s is to be expected.",
        n=number(one["n"]),
        reliability=share(100 * one["reliability"]),
        score=exact(one["metric"], one["shrunk"]),
    )


def position(one: Mapping[str, Any]) -> str:
    """Where the partner lies among the others."""
    if one["position"] is None:
        return _("Not placed among the others: that takes at least %(least)d answers.", least=PLACED_FROM)
    return str(_POSITIONS[one["position"]])


def benchmark(one: Mapping[str, Any]) -> str:
    """The others' median and quartiles, when at least five of them can be told of."""
    found = one["benchmark"]
    if found is None:
        return _("Not compared with a benchmark: that takes at least five other partners with %(least)d answers each.",
                 least=SHOW_SCORE_FROM)  # fmt: skip
    return _(
        "The other partners’ median is %(median)s, half of them lie between %(low)s and %(high)s; "
        "this one is %(where)s.",
        median=exact(one["metric"], found["median"]),
        low=exact(one["metric"], found["lower_quartile"]),
        high=exact(one["metric"], found["upper_quartile"]),
        where=_STANDINGS[found["standing"]],
    )


def strata(by: Sequence[str]) -> str:
    """What the comparison is made within: "touchpoint and region"."""
    return _(" and ").join(str(_STRATA[name]) for name in by)


def comments(words: Mapping[str, Any]) -> str:
    """What stands below the customers' words: those that are not shown or not in full, or why none is."""
    if words["suppressed"]:
        return _("Hidden to protect people: fewer than %(least)d anonymous comments.", least=FEWEST_ANONYMOUS_WORDS)
    if not words["count"]:
        return _("Nobody wrote a comment in this month.")
    more, cut = words["count"] - len(words["shown"]), words.get("shortened", 0)
    said = [_("And %(count)s more.", count=number(more))] if more else []
    if cut:
        said.append(
            ngettext("%(num)d of these is longer and ends in “…”.", "%(num)d of these are longer and end in “…”.", cut)
        )
    return " ".join(said)


def day(on: str) -> str:
    """A day by its date."""
    return dates.day(date.fromisoformat(on))


def _day(moment: str) -> str:
    return dates.day(datetime.fromisoformat(moment), "long")
