"""What metrics and dimensions are called, and how each figure is made, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.journeys.words import emotion_words
from app.metrics.change import Change
from app.metrics.display import can_show_score
from app.metrics.emotion_figure import EmotionFigure
from app.metrics.figures import Figure
from app.metrics.nps import NpsFigure
from app.metrics.scale import ScaleFigure
from app.metrics.xmr import Rule
from app.web import dates
from app.web.words import points, share

METRIC_WORDS = {"nps": _l("NPS"), "csat": _l("CSAT"), "ces": _l("CES"), "emotion": _l("Emotion")}
"""Net Promoter and NPS are registered trademarks; the attribution stands on the page that explains the figure."""

SCALES: Mapping[str, tuple[int, int]] = {"nps": (-100, 100), "csat": (0, 100), "ces": (0, 100), "emotion": (-1, 1)}
"""The ends of the axis on which a score is drawn."""

PERCENT = frozenset({"csat", "ces"})
UNITS = {"nps": "", "csat": " %", "ces": " %", "emotion": ""}
"""What stands behind the numbers of an axis."""
DECIMALS = {"nps": 0, "csat": 0, "ces": 0, "emotion": 2}

METRIC_SENTENCES = {
    "nps": _l(
        "The share of promoters (9 and 10) minus the share of detractors (0 to 6), in points from −100 to +100. "
        "The interval is the adjusted Wald interval at 95 %."
    ),
    "csat": _l("The share of answers 4 and 5 on a scale of 1 to 5. The interval is the Wilson interval at 95 %."),
    "ces": _l(
        "The share of answers 5 to 7 to “it was easy”, on a scale of 1 to 7. "
        "The interval is the Wilson interval at 95 %."
    ),
    "emotion": _l(
        "The mean valence of the feelings named, from −1 (despair) to +1 (enthusiastic); whoever names three counts "
        "once. The interval is Student’s at 95 %."
    ),
}

DIMENSION_WORDS = {
    "touchpoint": _l("Touchpoint"),
    "partner": _l("Partner"),
    "department": _l("Department"),
    "journey": _l("Journey"),
    "stage": _l("Stage"),
    "channel": _l("Channel"),
    "survey": _l("Survey"),
    "day": _l("Day"),
    "week": _l("Week"),
    "month": _l("Month"),
}

PERIOD_WORDS = {
    "all": _l("All time"),
    "month": _l("Last 30 days"),
    "quarter": _l("Last 90 days"),
    "year": _l("Last 12 months"),
}


def page_words(metric: str) -> dict[str, Any]:
    """What the page needs to speak of one metric."""
    return {
        "metric_words": METRIC_WORDS,
        "dimension_words": DIMENSION_WORDS,
        "sentence": METRIC_SENTENCES[metric],
        "scale": SCALES[metric],
        "is_percent": metric in PERCENT,
        "decimals": DECIMALS[metric],
        "ends_words": ends_words,
    }


def period_words(by: str, key: str) -> str:
    """A period by the key that its rows have: 2026-11-22, 2026-W47 or 2026-11. Anything else stands for itself."""
    match by:
        case "day":
            return dates.day(date.fromisoformat(key))
        case "week":
            year, _letter, number = key.partition("-W")
            return _("week %(number)s of %(year)s", number=int(number), year=year)
        case "month":
            return dates.month(date.fromisoformat(f"{key}-01"))
    return key


def change_words(metric: str, change: Change, *, is_real: bool) -> str:
    """A change in words: an arrow would sell noise. `is_real` says that it is more than chance."""
    size = size_words(metric, abs(change.raw))
    if change.raw == 0:
        return _("no change")
    if is_real:
        return (
            _("up %(size)s, more than chance", size=size)
            if change.raw > 0
            else _("down %(size)s, more than chance", size=size)
        )
    if change.raw > 0:
        return _("up %(size)s, not distinguishable from no change", size=size)
    return _("down %(size)s, not distinguishable from no change", size=size)


def size_words(metric: str, size: float) -> str:
    """How large a change is, without its sign: whole points for NPS and shares, two decimals for valence."""
    return points(size, DECIMALS[metric]).removeprefix("+")


def value_words(metric: str, value: float) -> str:
    """A score as pages write it."""
    return share(value) if metric in PERCENT else points(value, DECIMALS[metric])


def score_words(metric: str, score: float | None, n: int | None, *, is_suppressed: bool) -> str:
    """The score of a few or many answers, or why a page shows none."""
    if is_suppressed:
        return _("hidden to protect people")
    if not n or score is None:
        return _("no answers")
    if not can_show_score(n):
        return _("too few")
    return value_words(metric, score)


def ends_words(metric: str, low: float, high: float) -> str:
    """The ends of an interval: "+4 – +45"."""
    return f"{value_words(metric, low)} – {value_words(metric, high)}"


def signal_words(rule: Rule) -> str:
    """Why a value stands out of its series."""
    return {
        "outside": _("outside the usual range"),
        "run": _("eighth in a row on the same side of the middle"),
        "near_limit": _("third of four near the edge of the usual range"),
    }[rule]


def series_words(metric: str, by: str, low: float, high: float, signals: int) -> str:
    """What is usual in a series, and whether anything stands out of it."""
    lowest, highest = SCALES[metric]
    ends = {
        "low": value_words(metric, max(low, lowest)),
        "high": value_words(metric, min(high, highest)),
    }
    usual = {
        "day": _("Usual for a day is %(low)s to %(high)s.", **ends),
        "week": _("Usual for a week is %(low)s to %(high)s.", **ends),
        "month": _("Usual for a month is %(low)s to %(high)s.", **ends),
    }[by]
    nothing = _("Nothing stands out: the ups and downs are the ordinary ones.")
    stands_out = ngettext("%(num)d stands out.", "%(num)d stand out.", signals) if signals else nothing
    return f"{usual} {stands_out}"


def groups(metric: str, figure: Figure) -> list[tuple[str, str, int]]:
    """(band of the responses' list, what it is called, answers) of the groups that make up a score, the best first."""
    match figure:
        case NpsFigure():
            return [
                ("high", _("Promoters"), figure.promoters),
                ("middle", _("Passives"), figure.passives),
                ("low", _("Detractors"), figure.detractors),
            ]
        case EmotionFigure():
            neither = figure.n - figure.positive - figure.negative
            return [
                ("high", _("Pleasant"), figure.positive),
                ("middle", _("In between"), neither),
                ("low", _("Unpleasant"), figure.negative),
            ]
    top, middle, bottom = (
        (_("4 and 5"), _("3"), _("1 and 2")) if metric == "csat" else (_("5 to 7"), _("4"), _("1 to 3"))
    )
    rest = figure.n - figure.top - figure.bottom
    return [("high", top, figure.top), ("middle", middle, rest), ("low", bottom, figure.bottom)]


def beside(figure: Figure) -> list[str]:
    """What a reader should know beside the score, each in a few words."""
    match figure:
        case ScaleFigure() if figure.mean is not None:
            return [_mean(figure.mean, figure.mean_low, figure.mean_high)]
        case EmotionFigure() if figure.net is not None:
            said = [_("net emotion %(net)s", net=points(figure.net))]
            if figure.dominant is not None:
                said.append(_("most of all: %(emotion)s", emotion=emotion_words(figure.dominant)))
            return said
    return []


def _mean(mean: float, low: float | None, high: float | None) -> str:
    """The mean of a scale, which has no sign, with its interval where there is one."""
    if low is None or high is None:
        return _("mean %(mean)s", mean=_unsigned(mean))
    return _(
        "mean %(mean)s, likely between %(low)s and %(high)s",
        mean=_unsigned(mean),
        low=_unsigned(low),
        high=_unsigned(high),
    )


def _unsigned(value: float) -> str:
    return points(value, 2).removeprefix("+")
