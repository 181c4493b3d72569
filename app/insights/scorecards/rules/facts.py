"""The partner's own part of a scorecard: figures, trend, words, measures, cases and targets, from what was counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.insights.scorecards.rules.agreement import judged, kinds
from app.insights.scorecards.rules.metrics import (
    FEWEST_ANONYMOUS_WORDS,
    Tally,
    is_suppressed,
    rounded,
)
from app.insights.scorecards.rules.periods import Month
from app.metrics.display import LOW_BASE_BELOW
from app.metrics.emotion_figure import EmotionFigure
from app.metrics.figures import METRICS, change_between, figure_of
from app.metrics.intervals import t_interval
from app.metrics.share import Share
from app.partners.rules import Target

MOST_WORDS = 50
"""Comments that a card shows; how many more there are stands below them."""

MOST_CHARACTERS = 1000
"""A comment is cut here, at the end of a word: a card is read at one sitting, and printed in a minute."""

LATE = "late_days"
_SAID_BY_LATE = "late"


@dataclass
class Answers:
    """The answers to one metric in one month, and how many of them are anonymous."""

    by_value: dict[int, int] = field(default_factory=dict)
    anonymous: int = 0


@dataclass(frozen=True)
class Words:
    """What one customer wrote, redacted."""

    on: date
    text: str
    locale: str
    touchpoint: str | None
    scores: Mapping[str, int]


@dataclass(frozen=True)
class Measure:
    """One measure over the interactions of a month: how many have it, the sums of value and square, how many are above
    zero, and whether every one is 0 or 1."""

    key: str
    n: int
    total: float
    squares: float
    above_zero: int
    is_yes_or_no: bool


@dataclass(frozen=True)
class CaseFacts:
    """One case that was opened in the month."""

    is_historic: bool
    opened_at: datetime
    first_contact_due_at: datetime
    first_contact_at: datetime | None
    resolution_due_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None


@dataclass
class Facts:
    """All that was counted of one partner; `answers` by metric and month."""

    answers: dict[tuple[str, str], Answers] = field(default_factory=dict)
    words: list[Words] = field(default_factory=list)
    word_count: int = 0
    anonymous_words: int = 0
    measures: list[Measure] = field(default_factory=list)
    cases: list[CaseFacts] = field(default_factory=list)

    def has_any_in(self, period: str) -> bool:
        """Whether anything happened in the month itself; the others before it are there for the trend."""
        answered = any(month == period for _metric, month in self.answers)
        return answered or bool(self.words or self.measures or self.cases)


def own_part(facts: Facts, month: Month, now: datetime, targets: Sequence[Target] = ()) -> dict[str, Any]:
    """The sections that need nobody but the partner, as plain values. `now` is what open cases are judged by; the
    targets are those of the month."""
    asked = [metric for metric in METRICS if any(facts.answers.get((metric, str(one))) for one in _months(month))]
    agreed = kinds(targets)
    card = {
        "figures": [_figure(metric, facts, month) for metric in asked],
        "trend": [{"metric": metric, "months": _trend(metric, facts, month)} for metric in asked],
        "words": _words(facts),
        "measures": [_measure(one, agreed.get(one.key)) for one in _told_once(facts.measures)],
        "cases": _cases(facts.cases, now),
    }
    return {**card, "targets": judged(targets, card)}


def _months(month: Month) -> list[Month]:
    return [month.plus(-12), *month.trend()]


def _answers(metric: str, facts: Facts, month: Month) -> Answers:
    return facts.answers.get((metric, str(month)), Answers())


def _figure(metric: str, facts: Facts, month: Month) -> dict[str, Any]:
    now, before = _answers(metric, facts, month), _answers(metric, facts, month.plus(-1))
    hidden = is_suppressed(now.anonymous)
    found = {"metric": metric, **_values(metric, now.by_value, hidden)}
    moved = change_between(figure_of(metric, before.by_value), figure_of(metric, now.by_value))
    if moved is None or hidden or is_suppressed(before.anonymous):
        return {**found, "change": None}
    told = {"raw": moved.raw, "low": moved.low, "high": moved.high, "p_value": moved.p_value}
    return {**found, "change": {**_rounded(told), "verdict": moved.verdict}}


def _values(metric: str, tally: Tally, hidden: bool) -> dict[str, Any]:
    found = figure_of(metric, tally)
    values: dict[str, Any] = {"n": found.n, "score": found.score, "low": found.low, "high": found.high}
    # The picks of emotions are sets of ranks, which say nothing by number; their figure counts them by rank.
    by_value: Tally = found.counts if isinstance(found, EmotionFigure) else tally
    values["counts"] = {str(value): by_value[value] for value in sorted(by_value)}
    if hidden:
        values = dict.fromkeys(values)
    is_low = not hidden and found.n < LOW_BASE_BELOW
    return {**_rounded(values), "low_base": is_low, "suppressed": hidden}


def _trend(metric: str, facts: Facts, month: Month) -> list[dict[str, Any]]:
    months = []
    for one in month.trend():
        answers = _answers(metric, facts, one)
        values = _values(metric, answers.by_value, is_suppressed(answers.anonymous))
        values.pop("counts")
        months.append({"month": str(one), **values})
    return months


def _words(facts: Facts) -> dict[str, Any]:
    if 0 < facts.anonymous_words < FEWEST_ANONYMOUS_WORDS:
        return {"count": None, "shown": [], "shortened": 0, "suppressed": True}
    shown = [
        {
            "on": one.on.isoformat(),
            "text": shortened(one.text),
            "locale": one.locale,
            "touchpoint": one.touchpoint,
            "scores": dict(one.scores),
        }
        for one in facts.words[:MOST_WORDS]
    ]
    cut = sum(len(one.text) > MOST_CHARACTERS for one in facts.words[:MOST_WORDS])
    return {"count": facts.word_count, "shown": shown, "shortened": cut, "suppressed": False}


def shortened(text: str) -> str:
    """A comment as a card shows it; a long one ends in an ellipsis."""
    if len(text) <= MOST_CHARACTERS:
        return text
    kept = text[:MOST_CHARACTERS]
    return (kept.rsplit(maxsplit=1)[0] if " " in kept[-100:] else kept).rstrip() + " …"


def _told_once(measures: Sequence[Measure]) -> list[Measure]:
    """`late` says no more than `late_days` does, which tells a late share too."""
    keys = {one.key for one in measures}
    return [one for one in sorted(measures, key=_order) if not (one.key == _SAID_BY_LATE and LATE in keys)]


def _order(measure: Measure) -> tuple[bool, str]:
    return measure.key != LATE, measure.key


def _measure(one: Measure, agreed: str | None) -> dict[str, Any]:
    """Lateness and what is only yes or no as a share, everything else as a mean, unless the other was agreed on."""
    if one.key == LATE or agreed == "share" or (one.is_yes_or_no and not agreed):
        return {"key": one.key, "kind": "share", **_share(one.above_zero, one.n)}
    mean = one.total / one.n
    spread = max(0.0, one.squares - one.n * mean * mean)
    interval = t_interval(mean, (spread / (one.n - 1)) ** 0.5, one.n) if one.n > 1 else None
    low, high = interval or (None, None)
    return {"key": one.key, "kind": "mean", **_rounded({"n": one.n, "mean": mean, "low": low, "high": high})}


def _share(hits: int, n: int) -> dict[str, Any]:
    """A share in percent with its Wilson interval; nothing but n without observations."""
    share = Share(hits, n)
    low, high = share.interval or (None, None)
    return _rounded({"n": n, "hits": hits, "share": share.percent, "low": low, "high": high})


def _cases(cases: Sequence[CaseFacts], now: datetime) -> dict[str, Any]:
    """How cases were handled. Nobody recorded here how imported ones were, so these are counted and not judged."""
    judged = [case for case in cases if not case.is_historic]
    contact = [in_time(case.first_contact_due_at, case.first_contact_at, now) for case in judged]
    resolution = [in_time(case.resolution_due_at, case.resolved_at, now) for case in judged]
    spans = [
        (((case.closed_at or now) - case.opened_at).total_seconds() / 86400, bool(case.closed_at)) for case in judged
    ]
    return {
        "opened": len(cases),
        "historic": len(cases) - len(judged),
        "open": sum(case.closed_at is None for case in judged),
        "first_contact": _share(contact.count(True), len(contact) - contact.count(None)),
        "resolution": _share(resolution.count(True), len(resolution) - resolution.count(None)),
        "median_days_to_close": rounded(median_time(spans)),
    }


def in_time(due_at: datetime, done_at: datetime | None, now: datetime) -> bool | None:
    """Whether it was done in time; None while it can still be."""
    if done_at is None:
        return None if now <= due_at else False
    return done_at <= due_at


def median_time(spans: Sequence[tuple[float, bool]]) -> float | None:
    """The time by which half have ended, from (time, whether it has ended): those that still run count as long as they
    have run (Kaplan and Meier). None when fewer than half have."""
    survival, at_risk = 1.0, len(spans)
    for time in sorted({time for time, _ended in spans}):
        ended = sum(one == time and has_ended for one, has_ended in spans)
        survival *= 1 - ended / at_risk
        at_risk -= sum(one == time for one, _has_ended in spans)
        if ended and survival <= 0.5:
            return time
    return None


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rounded(value) for name, value in values.items()}
