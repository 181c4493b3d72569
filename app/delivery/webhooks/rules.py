"""What can be told, what an answer means, when the next try is, and when an endpoint is switched off."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, get_args

Kind = Literal[
    "response.completed",
    "case.opened",
    "case.assigned",
    "case.contacted",
    "case.resolved",
    "case.closed",
    "case.reopened",
    "case.breached",
    "customer.unsubscribed",
    "scorecard.closed",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What an endpoint may choose to hear of, in the order of one story."""
TEST = "test"
"""What the test button sends: one try, whatever becomes of it."""

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200, 43200, 43200)
)
"""Before the second try, the third … : thirteen tries within about 52 hours. Each wait varies by a fifth, so that a
receiver that comes back is not met by all of them at once."""
MOST_WAIT = timedelta(hours=12)
"""The longest that a Retry-After is followed."""
FAILING_FOR = timedelta(days=5)
"""An endpoint that has failed for this long without one success is switched off, once a message is given up."""
OLD_SECRET_FOR = timedelta(hours=24)
"""How long the secret before the newest still signs."""
KEPT = timedelta(days=30)
"""How long a delivery is kept after it has ended."""
MOST_ENDPOINTS = 20
LONGEST_ANSWER = 2000

State = Literal["waiting", "delivered", "dead"]


@dataclass(frozen=True)
class Outcome:
    """How one try ended: the status and the first words of the answer, or why there was none."""

    status: int | None
    answer: str = ""
    error: str = ""
    took_ms: int = 0
    retry_after: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether the receiver has taken the message."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver says that nobody listens there any more."""
        return self.status == 410


@dataclass(frozen=True)
class Verdict:
    """What becomes of a delivery; `due_at` only while it waits."""

    state: State
    due_at: datetime | None = None


def judge(outcome: Outcome, kind: str, attempts: int, now: datetime, jitter: float) -> Verdict:
    """What follows from the try number `attempts` (from 1); `jitter` is a number from 0 to 1."""
    if outcome.is_success:
        return Verdict("delivered")
    if kind == TEST or outcome.is_gone or attempts > len(WAITS):
        return Verdict("dead")
    wait = WAITS[attempts - 1] * (0.8 + 0.4 * jitter)
    asked = read_retry_after(outcome.retry_after, now) if outcome.status in (429, 503) else timedelta()
    return Verdict("waiting", now + max(wait, min(asked, MOST_WAIT)))


def read_retry_after(value: str | None, now: datetime) -> timedelta:
    """How long a receiver asks to be left alone: seconds or a date (RFC 9110, 10.2.3); nothing when it is neither."""
    if value is None:
        return timedelta()
    if re.fullmatch(r"[0-9]{1,9}", value.strip(), re.ASCII):
        return timedelta(seconds=int(value))
    try:
        moment = parsedate_to_datetime(value)
        return max(timedelta(), (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now)
    except (ValueError, OverflowError):
        return timedelta()


def is_hopeless(failing_since: datetime | None, now: datetime) -> bool:
    """Whether an endpoint has failed for so long that it is switched off."""
    return failing_since is not None and now - failing_since >= FAILING_FOR


def readable_answer(body: bytes, headers: dict[str, str]) -> str:
    """The first words of an answer as they can be shown; nothing of what is packed or no text."""
    if headers.get("content-encoding", "identity") != "identity":
        return ""
    text = body[: 4 * LONGEST_ANSWER].decode("utf-8", "replace")[:LONGEST_ANSWER]
    return "".join(character if character.isprintable() or character in "\n\t" else " " for character in text).strip()
