"""What the answering room decides: whether an answer still counts, what a repeated one means, which are parked,
and what of a comment a partner may read."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from app.kernel.locales import fallback_chain, normalise
from app.metrics.emotion import mask_of, valence
from app.surveys.design.definition import Answer, Question
from app.surveys.design.question_types import type_of

QUICK = timedelta(seconds=10)
"""Two different scores for one link within this time come from a machine that tries all links of a mail."""

AHEAD = timedelta(minutes=5)
"""How far a sender's clock may be ahead of ours."""

ParkedReason = Literal["honeypot", "two_scores", "test"]
Verdict = Literal["take", "same", "conflict"]
Band = Literal["low", "middle", "high"]

BANDS: Mapping[Band, Mapping[str, range]] = {
    "low": {"nps": range(7), "csat": range(1, 3), "ces": range(1, 4)},
    "middle": {"nps": range(7, 9), "csat": range(3, 4), "ces": range(4, 5)},
    "high": {"nps": range(9, 11), "csat": range(4, 6), "ces": range(5, 8)},
}
"""The scores of each band. Feelings are low when one of them is strongly negative, else by the sign of the valence."""

STRONGLY_NEGATIVE = mask_of(range(1, 5))
"""The feelings that are never outweighed by better ones (ranks 1 to 4), as bits."""


@dataclass(frozen=True)
class Scores:
    """The scores of one response; None where it was not asked or not answered. `emotion` are the ranks as bits."""

    nps: int | None = None
    csat: int | None = None
    ces: int | None = None
    emotion: int | None = None

    @property
    def valence(self) -> float | None:
        """The mean valence of the ranks, -1 to 1."""
        return None if self.emotion is None else valence(self.emotion)

    def differ_from(self, other: Scores) -> bool:
        """Whether the same question was answered with another score. Feelings grow word by word: they never differ."""
        pairs = ((self.nps, other.nps), (self.csat, other.csat), (self.ces, other.ces))
        return any(mine is not None and theirs is not None and mine != theirs for mine, theirs in pairs)


@dataclass(frozen=True)
class StoredState:
    """What a response has been told so far."""

    is_completed: bool
    revision: int
    content_hash: str


@dataclass(frozen=True)
class PostedState:
    """What a POST says about itself; `revision` is None when the sender does not count."""

    content_hash: str
    is_complete: bool
    is_form: bool = False
    revision: int | None = None


def judge(stored: StoredState, posted: PostedState) -> Verdict:
    """What to do with a POST for a response that is there already: take it, answer the stored state, or refuse it.

    A partial answer that was overtaken on its way is old news, before and after completion. What would change a
    complete response is refused. The form's Send is a person's last word and is never taken for old.
    """
    if stored.is_completed:
        is_old_news = not posted.is_complete and posted.revision is not None and posted.revision <= stored.revision
        return "same" if is_old_news or posted.content_hash == stored.content_hash else "conflict"
    if posted.is_form:
        return "take"
    if posted.revision is None:
        return "same" if posted.content_hash == stored.content_hash else "take"
    return "take" if posted.revision > stored.revision else "same"


def next_revision(stored: StoredState | None, posted: PostedState) -> int:
    """The revision under which a POST that is taken is kept: always above the one before."""
    return max((stored.revision if stored else 0) + 1, posted.revision or 0)


def choose_locale(offered: Sequence[str], *wanted: str | None) -> str | None:
    """The first of the wanted languages that is offered, exactly or without its region; None when none is."""
    for tag in wanted:
        try:
            known = normalise(tag or "")
        except ValueError:
            continue
        for candidate in fallback_chain(known, known):
            if candidate in offered:
                return candidate
    return None


def content_hash(content: Mapping[str, Any]) -> str:
    """A fingerprint of plain JSON values, the same for the same content in any order of fields."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def is_over(status: str, expires_at: datetime | None, survey_closed_at: datetime | None, now: datetime) -> bool:
    """Whether an invitation takes no answers any more; one that was not sent yet does."""
    has_expired = expires_at is not None and expires_at <= now
    return has_expired or survey_closed_at is not None or status in ("expired", "cancelled")


def is_too_far_ahead(answered_at: datetime, now: datetime) -> bool:
    """Whether an answer claims to come from a future that no wrong clock explains."""
    return answered_at > now + AHEAD


@dataclass(frozen=True)
class Earlier:
    """The last accepted POST of the same response: its scores, and when it came."""

    scores: Scores
    at: datetime


def band_named(text: str | None) -> Band | None:
    """The band of this name; None for any other text."""
    return next((band for band in BANDS if band == text), None)


def parked_reason(
    is_trapped: bool, is_form: bool, earlier: Earlier | None, scores: Scores, now: datetime
) -> ParkedReason | None:
    """Why an answer is set aside until a person has looked at it, or None: nearly always.

    `is_trapped`: a field was filled in that no person sees. The form's Send always counts: the page has saved what its
    reader clicked on the way, and a person may think better of a score in a moment.
    """
    if is_trapped:
        return "honeypot"
    if is_form or earlier is None:
        return None
    return "two_scores" if now - earlier.at < QUICK and scores.differ_from(earlier.scores) else None


def band(scores: Scores) -> Band | None:
    """Low, middle or high, by the score that was asked first in importance: NPS, CSAT, CES, else emotion."""
    for metric in BANDS["low"]:
        score = getattr(scores, metric)
        if score is not None:
            return next(name for name, ranges in BANDS.items() if score in ranges[metric])
    if scores.emotion is None or scores.valence is None:
        return None
    if scores.emotion & STRONGLY_NEGATIVE or scores.valence < 0:
        return "low"
    return "high" if scores.valence > 0 else "middle"


def band_of_answer(question: Question, answer: Answer | None) -> Band | None:
    """The band of one answer; None for a question that gives no score."""
    metric = type_of(question).metric
    if metric is None or answer is None or answer.number is None:
        return None
    return band(Scores(**{metric: int(answer.number)}))


def is_not_solved(survey_kind: str, answers: Mapping[str, float | str]) -> bool:
    """Whether a follow-up says that the customer's matter is not solved."""
    return survey_kind == "follow_up" and answers.get("solved") == "no"


_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。！？；、）】」]+", re.IGNORECASE)
_EMAIL = re.compile(r"[A-Z0-9._%+-]{1,64}[@＠](?:[A-Z0-9-]{1,63}[.．])+[A-Z]{2,24}", re.IGNORECASE)
_NUMBER = re.compile(r"[+＋]?[(（]?\d(?:[ \u00a0\u3000().\-–（）]{0,3}\d){6,}")
_DATE = re.compile(r"\d{4}[-.]\d{1,2}[-.]\d{1,2}(?: \d{1,2})?|\d{1,2}[-.]\d{1,2}[-.]\d{4}(?: \d{1,2})?")


def redact(comment: str | None) -> str | None:
    """A comment without addresses, links and long numbers (a date stays): what somebody outside the house may read."""
    if comment is None:
        return None
    without_links = _LINK.sub("[link]", comment)
    return _NUMBER.sub(_hide_number, _EMAIL.sub("[email]", without_links))


def _hide_number(found: re.Match[str]) -> str:
    return found.group() if _DATE.fullmatch(found.group()) else "[number]"
