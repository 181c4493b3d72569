"""What was agreed in words: the composite with what stands behind it, and what the month proves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor
from typing import Any

from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.insights.scorecards import words
from app.metrics.composite import LEAST_COVERAGE
from app.partners.words import amount, goal, measure_words
from app.web.words import isolated, share

__all__ = ["amount", "goal", "measure_words"]

_VERDICTS = {"met": _l("Met"), "missed": _l("Missed"), "unproven": _l("Not proven")}
_VALUE_DECIMALS = {"nps": 1, "emotion": 2}


def composite(score: float) -> str:
    """The composite as it is read: 60.4 of 100."""
    return _("%(score)s of 100", score=rounded_score(score))


def rounded_score(score: float) -> str:
    """What a measure counts, from 0 to 100."""
    return format_decimal(score, format="0.0", locale=get_locale())


def coverage(targets: Mapping[str, Any]) -> str:
    """How much of the agreed weight stands behind the composite, and what does not; or why there is none."""
    judged = targets["composite"]
    if judged["score"] is None:
        return _(
            "No composite: only %(share)s of the agreed weight can be judged, and at least %(least)s is needed.",
            share=_weight(judged["coverage"]),
            least=_weight(100 * LEAST_COVERAGE),
        )
    left_out = [measure_words(one["measure"]) for one in targets["items"] if one["score"] is None]
    if not left_out:
        return _("All of the agreed weight can be judged.")
    return _(
        "%(share)s of the agreed weight can be judged; left out: %(names)s.",
        share=_weight(judged["coverage"]),
        names=_(", ").join(left_out),
    )


def proven(targets: Mapping[str, Any]) -> str:
    """What the intervals prove of the targets behind the composite, which itself is by the values alone."""
    verdicts = [one["verdict"] for one in targets["items"] if one["verdict"]]
    met, missed = verdicts.count("met"), verdicts.count("missed")
    if not met and not missed:
        return _("It is by the values alone: the intervals prove no target met or missed.")
    return _(
        "It is by the values alone: the intervals prove %(met)s of %(judged)s targets met and %(missed)s missed.",
        met=words.number(met),
        judged=words.number(len(verdicts)),
        missed=words.number(missed),
    )


def _weight(percent: float) -> str:
    """A share of the weight; never rounded up, as "only 60 %" would be less than 60 %."""
    tenths = floor(round(10 * percent, 3))
    return share(tenths / 10, 1 if tenths % 10 else 0)


def verdict(item: Mapping[str, Any]) -> str:
    """What the month proves about a target, or why it proves nothing."""
    if item["verdict"]:
        return str(_VERDICTS[item["verdict"]])
    if item["suppressed"]:
        return _("Hidden to protect people")
    return _("Too few to judge") if item["n"] else _("Not measured")


def basis(item: Mapping[str, Any]) -> str:
    """How many stand behind a measure, and how many it takes when these are too few."""
    if item["suppressed"]:
        return ""
    if item["n"] < item["min_n"]:
        return _("n %(n)s of the %(least)s needed", n=words.number(item["n"]), least=words.number(item["min_n"]))
    return _("n %(n)s", n=words.number(item["n"]))


def agreed_value(item: Mapping[str, Any], which: str = "value") -> str:
    """The value of a measure, or an end of its interval, in its unit."""
    measure = item["measure"]
    return amount(measure, item[which], _VALUE_DECIMALS.get(measure, 1))


def against(item: Mapping[str, Any]) -> str:
    """A target and what the month proves about it: "Target 80 % or more, floor 60 %: not proven."."""
    return _(
        "Target %(goal)s, floor %(floor)s. %(verdict)s.",
        goal=goal(item["measure"], item["target"], item["floor"]),
        floor=amount(item["measure"], item["floor"]),
        verdict=verdict(item),
    )


def agreement(item: Mapping[str, Any]) -> str:
    """Who agreed when, and what it was before."""
    agreed = _(
        "Agreed by %(who)s on %(day)s, counts from %(month)s on.",
        who=isolated(item["agreed_by"]),
        day=words.day(item["agreed_on"]),
        month=words.month(item["first_month"]),
    )
    if item["baseline_n"] is None:
        return agreed
    before = _(
        "Before: %(value)s (n %(n)s, %(first)s to %(last)s).",
        value=amount(item["measure"], item["baseline_value"]),
        n=words.number(item["baseline_n"]),
        first=words.month(item["baseline_first_month"]),
        last=words.month(item["baseline_last_month"]),
    )
    return f"{agreed} {before}"


def trend(metric: str, months: Sequence[Mapping[str, Any]], agreed: Mapping[str, Any] | None) -> str:
    """What a trend shows, in a sentence; with a target in a second one which line is which."""
    shown = words.trend(metric, months)
    if agreed is None:
        return shown
    return _(
        "%(trend)s Dashed: the target, %(target)s; dotted: the floor, %(floor)s.",
        trend=shown,
        target=amount(metric, agreed["target"]),
        floor=amount(metric, agreed["floor"]),
    )
