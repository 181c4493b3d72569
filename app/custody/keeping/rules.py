"""How long each class of data may and must be kept, and when the nightly run is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

CLASSES = ("invitation", "response", "case", "audit")
DEFAULTS: Mapping[str, int] = {"invitation": 13, "response": 24, "case": 36, "audit": 72}
"""Months, after domain practice under GDPR 5(1)(e)."""
LEAST: Mapping[str, int] = {"invitation": 13, "response": 3, "case": 3, "audit": 13}
"""Invitations are counted for a year so that nobody is asked too often; scorecards need their months to close; an audit
that is gone within a year would prove nothing (`trail.rules.LEAST_KEPT`)."""
MOST = 120

FORGOTTEN = "forgotten"
"""What stands in the place of a content's hash once the content is gone."""
CLOSED_QUESTIONS = ("nps", "csat", "ces", "emotion", "choice", "multiple", "expectation")
"""Types of question whose answers name nobody; all others are forgotten."""

_HOUR = time(2, 30)


@dataclass(frozen=True)
class Terms:
    """How many months each class is kept; None: for good."""

    invitation: int | None
    response: int | None
    case: int | None
    audit: int | None

    def cutoff(self, kind: str, now: datetime) -> datetime | None:
        """What is older may go; None when nothing may."""
        months = getattr(self, kind)
        return None if months is None else months_before(now, months)


def months_before(now: datetime, months: int) -> datetime:
    """The same day of the month so many months ago, or the last one that there is."""
    count = now.year * 12 + now.month - 1 - months
    for day in (now.day, 30, 29, 28):
        try:
            return now.replace(year=count // 12, month=count % 12 + 1, day=min(day, now.day))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def without_words(card: Any) -> Any:
    """A card of a closed month without what customers said: every `text` in it is empty."""
    if isinstance(card, dict):
        return {name: "" if name == "text" else without_words(value) for name, value in card.items()}
    return [without_words(one) for one in card] if isinstance(card, list) else card


def lets_more_go(before: tuple[Terms, bool] | None, after: tuple[Terms, bool]) -> bool:
    """Whether something may go that was kept before: a term got shorter, or a hold has ended. Both are (terms, whether
    there is a hold); None where nobody had chosen anything."""
    (kept, was_held), (terms, is_held) = before or (Terms(None, None, None, None), False), after
    months = [(getattr(kept, kind), getattr(terms, kind)) for kind in CLASSES]
    is_shorter = any(new is not None and (old is None or new < old) for old, new in months)
    return not is_held and (was_held or is_shorter)


def is_allowed(kind: str, months: int | None) -> bool:
    """Whether a tenant may choose this."""
    return months is None or LEAST[kind] <= months <= MOST


def next_night(now: datetime, zone: ZoneInfo) -> datetime:
    """The next half past two in the tenant's zone, in UTC: where clocks go back, the time on the wall comes twice."""
    today = now.astimezone(zone).date()
    nights = (datetime.combine(today + timedelta(days=days), _HOUR, zone).astimezone(UTC) for days in (0, 1))
    return next(night for night in nights if night > now)
