"""What the case room decides: which answers open a case, where it may go, what closes it, who gets it back.

In the order of a case's life: `alarming`, `opens_case` and `severity`, `is_settled`, the statuses and their
transitions, `queue_key`, `missing_for_closure`, `is_reopenable_by_customer`, `next_owner` and `next_to_answer`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.loop.absences.rules import Standing, answers_for
from app.loop.sla.rules import Calendar, add_business_days
from app.metrics.emotion import mask_of, ranks_of
from app.surveys.answering.rules import Scores

PAUSING = frozenset({"waiting_customer"})
"""Only a wait for the customer stops the resolution clock: to the customer a partner's delay is ours."""

WAITING = frozenset({"waiting_customer", "waiting_partner", "waiting_internal"})
_ONWARD = frozenset({"investigating", "resolved", "closed"}) | WAITING

TRANSITIONS: Mapping[str, frozenset[str]] = {
    "new": _ONWARD | {"assigned", "contacted"},
    "assigned": _ONWARD | {"contacted"},
    "contacted": _ONWARD,
    "investigating": _ONWARD - {"investigating"},
    "waiting_customer": _ONWARD - {"waiting_customer"},
    "waiting_partner": _ONWARD - {"waiting_partner"},
    "waiting_internal": _ONWARD - {"waiting_internal"},
    "resolved": _ONWARD - {"resolved"},
    "closed": frozenset({"assigned"}),
}
"""Where a case may go from each status. Closing has conditions of its own; leaving `closed` is a reopening."""

STATUSES = tuple(TRANSITIONS)
OPEN = tuple(status for status in STATUSES if status != "closed")

NEVER = datetime.max.replace(tzinfo=UTC)
"""When a clock that does not run is due: later than all others."""

SILENCE_DAYS = 5
"""After so many business days without a word the customer is taken not to object to the resolution."""

ATTEMPTS, ATTEMPT_CHANNELS, ATTEMPT_DAYS = 3, 2, 3
"""What must have been tried before a customer may be called unreachable."""


@dataclass(frozen=True)
class Attempt:
    """One try that did not reach the customer."""

    channel: str
    at: datetime


@dataclass(frozen=True)
class ClosureFacts:
    """What has happened since the case was opened or last reopened, as far as closing it depends on it.

    `number` is the case itself, `into` the case it is to be merged into.
    """

    now: datetime
    calendar: Calendar
    number: int
    reached_contact: bool = False
    attempts: tuple[Attempt, ...] = ()
    any_cause: bool = False
    verified_cause: bool = False
    resolved_at: datetime | None = None
    note: str = ""
    into: int | None = None


@dataclass(frozen=True)
class Missing:
    """Why a case cannot be closed yet: a code for pages to put into words, and the same in English for machines.

    `pointer` names the field of the request that is at fault, `until` when waiting alone mends it.
    """

    code: str
    detail: str
    pointer: str = "/outcome"
    until: datetime | None = None


@dataclass(frozen=True)
class Candidate:
    """A member of the team who might own a case."""

    user_id: UUID
    role: str
    active: bool


@dataclass(frozen=True)
class Limits:
    """The best score of each metric that still calls for a case, of emotion a rank; 0 turns CES or emotion off."""

    nps: int = 6
    csat: int = 2
    ces: int = 2
    emotion: int = 4


def alarming(scores: Scores, limits: Limits) -> Scores:
    """Those of the scores that call for a case, of the feelings those that do; a missing score never does."""
    feelings = [rank for rank in ranks_of(scores.emotion) if rank <= limits.emotion] if scores.emotion else []
    return Scores(
        nps=scores.nps if scores.nps is not None and scores.nps <= limits.nps else None,
        csat=scores.csat if scores.csat is not None and scores.csat <= limits.csat else None,
        ces=scores.ces if scores.ces is not None and scores.ces <= limits.ces else None,
        emotion=mask_of(feelings) if feelings else None,
    )


def opens_case(scores: Scores, limits: Limits) -> bool:
    """Whether these scores of one response call for a case."""
    return alarming(scores, limits) != Scores()


def severity(scores: Scores) -> int:
    """How grave a case is at its opening, from 1 (gravest) to 4: 2 for NPS 0-2, CSAT 1 or CES 1, else 3."""
    is_nps_grave = scores.nps is not None and scores.nps <= 2
    return 2 if is_nps_grave or scores.csat == 1 or scores.ces == 1 else 3


def is_settled(last_answer_at: datetime, now: datetime, settle_minutes: int = 10) -> bool:
    """Whether a partial response has been left alone long enough to be taken as it is."""
    return now - last_answer_at >= timedelta(minutes=settle_minutes)


def can_move(current: str, target: str) -> bool:
    """Whether a case may go from one status to the other; to stay is no move."""
    return target in TRANSITIONS[current]


def status_after_assignment(current: str) -> str:
    """An owner takes up a new case; one that is being worked on stays where it is."""
    return "assigned" if current == "new" else current


def status_after_contact(current: str, *, reached: bool) -> str:
    """Reaching the customer makes a case `contacted`, unless it is further already; an attempt does not."""
    return "contacted" if reached and current in ("new", "assigned") else current


def queue_key(
    status: str,
    first_contact_due_at: datetime,
    first_contact_at: datetime | None,
    resolution_due_at: datetime,
    resolved_at: datetime | None,
) -> datetime:
    """Sort cases by this for overdue first, then soonest due: the earliest due time of a clock still running.

    A case with no running clock sorts last.
    """
    running = []
    if status != "closed" and first_contact_at is None:
        running.append(first_contact_due_at)
    if status != "closed" and status not in PAUSING and resolved_at is None:
        running.append(resolution_due_at)
    return min(running, default=NEVER)


def missing_for_closure(outcome: str, facts: ClosureFacts) -> list[Missing]:
    """All that still has to happen before the case may be closed with this outcome; empty when it may be.

    Raises KeyError for an outcome that is not one of OUTCOMES.
    """
    return [missing for demand in _DEMANDS[outcome] if (missing := demand(facts)) is not None]


def is_reopenable_by_customer(closed_at: datetime, now: datetime, window_days: int = 14) -> bool:
    """Whether "not solved" still reopens the case; after the window it is a new story."""
    return now - closed_at <= timedelta(days=window_days)


def next_owner(candidates: Iterable[Candidate], closed_by: UUID | None, cursor: UUID | None) -> UUID | None:
    """Who gets a reopened case: the next active agent, else an active admin, but never who closed it.

    The turn goes round by id, starting after `cursor` (who got the last one), or after the closer without a
    cursor. None when nobody is left: then the case is unassigned, and somebody has to be told.
    """
    eligible = [candidate for candidate in candidates if candidate.active and candidate.user_id != closed_by]
    start = cursor or closed_by
    for role in ("agent", "admin"):
        in_turn = sorted(candidate.user_id for candidate in eligible if candidate.role == role)
        after = [user_id for user_id in in_turn if start is not None and user_id > start]
        if in_turn:
            return (after or in_turn)[0]
    return None


def next_to_answer(
    candidates: Sequence[Candidate], closed_by: UUID | None, cursor: UUID | None, standing: Standing
) -> tuple[UUID, UUID] | None:
    """Whose turn it is by `next_owner`, and who answers for them now: themselves, or who stands in while they are away.

    Only candidates answer, and never who closed it: whose deputy may not have the case is passed over like one without
    deputy. None when nobody is left.
    """
    able = {candidate.user_id for candidate in candidates if candidate.active} - {closed_by}
    answering = {candidate.user_id: answers_for(candidate.user_id, standing) for candidate in candidates}
    turn = next_owner((one for one in candidates if answering[one.user_id] in able), closed_by, cursor)
    owner = answering[turn] if turn else None
    return (turn, owner) if turn and owner else None


def _reached(facts: ClosureFacts) -> Missing | None:
    if facts.reached_contact:
        return None
    return Missing("reached_contact", "Nobody has reached the customer yet.")


def _verified_cause(facts: ClosureFacts) -> Missing | None:
    if facts.verified_cause:
        return None
    return Missing("verified_root_cause", "No root cause has been verified yet.")


def _any_cause(facts: ClosureFacts) -> Missing | None:
    if facts.any_cause:
        return None
    return Missing("root_cause", "No root cause has been recorded yet; it may be unknown.")


def _resolution(facts: ClosureFacts) -> Missing | None:
    return None if facts.resolved_at else Missing("resolution", "No resolution has been recorded yet.")


def _silence(facts: ClosureFacts) -> Missing | None:
    if facts.resolved_at is None:
        return None
    until = add_business_days(facts.calendar, facts.resolved_at, SILENCE_DAYS)
    if facts.now >= until:
        return None
    detail = f"The customer has {SILENCE_DAYS} business days to object, until {until.isoformat()}."
    return Missing("silence", detail, until=until)


def _attempts(facts: ClosureFacts) -> Missing | None:
    if len(facts.attempts) >= ATTEMPTS:
        return None
    return Missing("attempts", f"It takes {ATTEMPTS} attempts to reach the customer, not {len(facts.attempts)}.")


def _channels(facts: ClosureFacts) -> Missing | None:
    if len({attempt.channel for attempt in facts.attempts}) >= ATTEMPT_CHANNELS:
        return None
    return Missing("channels", f"The attempts to reach the customer must use {ATTEMPT_CHANNELS} channels.")


def _days(facts: ClosureFacts) -> Missing | None:
    days = {attempt.at.astimezone(facts.calendar.zone).date() for attempt in facts.attempts}
    if days and (max(days) - min(days)).days + 1 >= ATTEMPT_DAYS:
        return None
    return Missing("days", f"The attempts to reach the customer must be spread over {ATTEMPT_DAYS} days.")


def _note(facts: ClosureFacts) -> Missing | None:
    return None if facts.note.strip() else Missing("note", "A note must say why.", "/note")


def _into(facts: ClosureFacts) -> Missing | None:
    if facts.into is not None and facts.into != facts.number:
        return None
    return Missing("into", "It must be merged into another case.", "/into")


_DEMANDS: Mapping[str, tuple[Callable[[ClosureFacts], Missing | None], ...]] = {
    "confirmed": (_reached, _verified_cause, _resolution),
    "no_objection": (_reached, _verified_cause, _resolution, _silence),
    "unreachable": (_attempts, _channels, _days, _any_cause),
    "rejected": (_note,),
    "merged": (_note, _into),
}

OUTCOMES = tuple(_DEMANDS)
