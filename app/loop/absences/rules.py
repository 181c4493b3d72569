"""What this room decides: who answers for somebody now, and which days away can be kept.

In the order of use: `answers_for` and `stood_in_for`, `faults_of`, and `may_set_for`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.tenants.rules import allows

Standing = Mapping[UUID, UUID | None]
"""Who is away now, and the deputy of each: None where nobody stands in."""

MOST_STEPS = 3
"""How often a deputy who is away too may pass on to a deputy of theirs."""
MOST_DAYS = 366
"""How long somebody may be away whose last day is known, and how far ahead it may be said."""


@dataclass(frozen=True)
class Days:
    """Somebody's days away: both ends belong to it, and without a `last` one it is open."""

    user_id: UUID
    deputy_id: UUID | None
    first: date
    last: date | None


def answers_for(user_id: UUID, standing: Standing) -> UUID | None:
    """Who answers now for what is `user_id`'s: they themselves, or while they are away their deputy.

    A deputy who is away too passes on to theirs. None when that leads to nobody: no deputy, a circle, too many steps.
    """
    now: UUID | None = user_id
    for _step in range(MOST_STEPS + 1):
        if now is None or now not in standing:
            return now
        now = standing[now]
    return None


def stood_in_for(user_id: UUID, standing: Standing) -> list[UUID]:
    """Those who are away and for whom this person answers now."""
    return [absent for absent in standing if answers_for(absent, standing) == user_id]


def faults_of(wanted: Days, today: date, known: Sequence[Days]) -> list[tuple[str, str]]:
    """Why these days away cannot be kept, as (pointer, code); `known` are all that are planned or running."""
    faults = [*_faults_of_days(wanted, today)]
    if not faults and any(_overlap(wanted, other) for other in known if other.user_id == wanted.user_id):
        faults.append(("/first", "overlaps"))
    if wanted.deputy_id == wanted.user_id:
        faults.append(("/deputy", "oneself"))
    elif not faults and is_away_throughout(wanted.deputy_id, wanted, known):
        faults.append(("/deputy", "away_too"))
    return faults


def is_away_throughout(user_id: UUID | None, days: Days, known: Iterable[Days]) -> bool:
    """Whether this person is away on each of the days."""
    here_from = days.first
    for other in sorted((other for other in known if other.user_id == user_id), key=lambda other: other.first):
        if other.first > here_from:
            break
        if other.last is None:
            return True
        here_from = max(here_from, other.last + timedelta(days=1))
    return days.last is not None and here_from > days.last


def may_set_for(own_role: str, *, is_oneself: bool) -> bool:
    """Whether somebody with this role may say that a person is away, or back."""
    return allows(own_role, "cases.work" if is_oneself else "absences.manage")


def _faults_of_days(wanted: Days, today: date) -> Iterable[tuple[str, str]]:
    if wanted.first < today:
        yield "/first", "past"
    elif wanted.first - today > timedelta(days=MOST_DAYS):
        yield "/first", "far"
    if wanted.last is not None and wanted.last < wanted.first:
        yield "/last", "backwards"
    elif wanted.last is not None and wanted.last - wanted.first >= timedelta(days=MOST_DAYS):
        yield "/last", "long"


def _overlap(one: Days, other: Days) -> bool:
    return (other.last is None or one.first <= other.last) and (one.last is None or other.first <= one.last)
