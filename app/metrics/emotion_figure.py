"""The emotion of many answers: mean valence, the shares of pleasant and unpleasant ones, and the words picked.

One answer picks one to three words. Its valence is the mean of its words', so that whoever picks three words weighs
no more than whoever picks one: score, shares and net count answers. `counts` counts words, and a word is picked at
most once by an answer. Sources: the founding text's ladder of emotions; Wilson for shares, Student's t for the mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from app.metrics import change
from app.metrics.change import Change, Sample
from app.metrics.display import can_show_score
from app.metrics.emotion import HIGHEST, LOWEST, MOST_PICKS, RANKS, ranks_of
from app.metrics.intervals import t_interval, wilson

_SIXTHS = 6
"""Valences are summed in whole sixths of a step, exact for one, two and three words: "all the same" has no spread."""


@dataclass(frozen=True)
class EmotionFigure:
    """`score` is the mean valence from -1 to 1, `low` and `high` its t interval; `se` its standard error.

    `positive` and `negative` count answers above and below the middle of the scale, their shares and intervals are in
    percent, `net` in points from -100 to +100. `counts` are picks by rank; `dominant` is the rank picked by clearly
    more answers than any other, or None. What cannot be computed is None.
    """

    n: int
    score: float | None
    low: float | None
    high: float | None
    sd: float | None
    se: float | None
    positive: int
    negative: int
    positive_low: float | None
    positive_high: float | None
    negative_low: float | None
    negative_high: float | None
    dominant: int | None
    counts: dict[int, int]

    @property
    def positive_share(self) -> float | None:
        """Answers above the middle, in percent."""
        return 100 * self.positive / self.n if self.n else None

    @property
    def negative_share(self) -> float | None:
        """Answers below the middle, in percent."""
        return 100 * self.negative / self.n if self.n else None

    @property
    def net(self) -> float | None:
        """Net emotion in points: the share above minus the share below the middle."""
        return 100 * (self.positive - self.negative) / self.n if self.n else None


def figure(answers_by_mask: Mapping[int, int]) -> EmotionFigure:
    """The figure of answers tallied by the set of their ranks (app/metrics/emotion.py).

    Raises ValueError for what is no set of one to three ranks, or a tally below 0.
    """
    valences, counts = _tally(answers_by_mask)
    n = sum(valences.values())
    positive = sum(answers for valence, answers in valences.items() if valence > 0)
    negative = sum(answers for valence, answers in valences.items() if valence < 0)
    above, below = wilson(positive, n), wilson(negative, n)
    mean, sd = _moments(valences, n)
    low, high = _mean_interval(mean, sd, n)
    return EmotionFigure(
        n=n,
        score=mean,
        low=low,
        high=high,
        sd=sd,
        se=sd / sqrt(n) if sd is not None else None,
        positive=positive,
        negative=negative,
        positive_low=100 * above.low if above else None,
        positive_high=100 * above.high if above else None,
        negative_low=100 * below.low if below else None,
        negative_high=100 * below.high if below else None,
        dominant=_dominant(counts, n),
        counts={rank: counts[rank] for rank in RANKS},
    )


def mean_change(before: EmotionFigure, after: EmotionFigure) -> Change | None:
    """The change of the mean valence; None where the means cannot be tested."""
    if before.score is None or after.score is None:
        return None
    return change.of_means(Sample(before.n, before.score, before.sd), Sample(after.n, after.score, after.sd))


def _tally(answers_by_mask: Mapping[int, int]) -> tuple[Counter[int], Counter[int]]:
    """(answers by valence in sixths of a step, picks by rank)."""
    valences: Counter[int] = Counter()
    counts: Counter[int] = Counter()
    for mask, answers in answers_by_mask.items():
        ranks = ranks_of(mask)
        if answers < 0 or len(ranks) > MOST_PICKS:
            raise ValueError(f"{answers!r} answers of {len(ranks)} emotions cannot be")
        steps = sum(2 * rank - LOWEST - HIGHEST for rank in ranks)
        valences[steps * _SIXTHS // len(ranks)] += answers
        counts.update(dict.fromkeys(ranks, answers))
    return valences, counts


def _moments(valences: Mapping[int, int], n: int) -> tuple[float | None, float | None]:
    if n == 0:
        return None, None
    one = _SIXTHS * (HIGHEST - LOWEST)
    total = sum(valence * answers for valence, answers in valences.items())
    if n == 1:
        return total / n / one, None
    squares = sum(valence * valence * answers for valence, answers in valences.items())
    return total / n / one, sqrt((squares * n - total * total) / (n * (n - 1))) / one


def _mean_interval(mean: float | None, sd: float | None, n: int) -> tuple[float | None, float | None]:
    interval = t_interval(mean, sd, n) if mean is not None and sd is not None else None
    return (max(-1.0, interval.low), min(1.0, interval.high)) if interval else (None, None)


def _dominant(counts: Mapping[int, int], n: int) -> int | None:
    """The most picked rank, if the low end of its share lies above the high end of the next one's."""
    if not can_show_score(n):
        return None
    (rank, picks), (_, next_picks) = sorted(((r, counts.get(r, 0)) for r in RANKS), key=lambda one: -one[1])[:2]
    first, second = wilson(picks, n), wilson(next_picks, n)
    return rank if first and second and first.low > second.high else None
