"""What is decided about the customer's own page of a case: what is promised, what it tells, and whether it listens."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.loop.cases.rules import PAUSING, is_reopenable_by_customer

Act = Literal["not_solved", "thanks"]
ACTS: dict[Act, str] = {"not_solved": "objected", "thanks": "thanked"}
"""What a customer can say on their page, and the kind of line that it becomes."""

OUTCOMES_OF_WORK = frozenset({"resolved", "closed"})
"""Lines after which the customer's words are new, even when they are the same as before."""

FOLLOW_UP_OPEN_DAYS = 14
"""For how long the follow-up can be answered once it has been sent."""


@dataclass(frozen=True)
class Promise:
    """What the customer was promised last and still waits for."""

    kind: Literal["contact", "resolution"]
    due_at: datetime
    is_late: bool


@dataclass(frozen=True)
class Step:
    """One thing that has been done, as far as it is the customer's business. `quote` are words written to them or by
    them; `detail` is the outcome of a closure or the answer to a follow-up."""

    kind: str
    at: datetime
    detail: str = ""
    quote: str = ""


@dataclass(frozen=True)
class Line:
    """A line of the timeline as plain values."""

    kind: str
    at: datetime
    text: str | None
    data: dict[str, Any]


def running_promise(
    status: str,
    first_contact_due_at: datetime,
    first_contact_at: datetime | None,
    resolution_due_at: datetime,
    now: datetime,
) -> Promise | None:
    """The promise that the customer waits for: the contact, and after it the resolution.

    None when the case is resolved or closed, and once reached while it waits for the customer: then it is their turn.
    """
    if status in ("resolved", "closed"):
        return None
    if first_contact_at is None:
        return Promise("contact", first_contact_due_at, now > first_contact_due_at)
    if status in PAUSING:
        return None
    return Promise("resolution", resolution_due_at, now > resolution_due_at)


def is_listening(
    status: str, closed_at: datetime | None, is_historic: bool, follow_up_days: int, now: datetime
) -> bool:
    """Whether the customer can still say something on their page: nobody works on imported history, and long after a
    closure it is a new story. The page listens for as long as the follow-up can be answered."""
    if is_historic:
        return False
    if status != "closed" or closed_at is None:
        return True
    return is_reopenable_by_customer(closed_at, now, follow_up_days + FOLLOW_UP_OPEN_DAYS)


def reopens(kind: str, status: str) -> bool:
    """Whether what the customer says gives the case to somebody else."""
    return kind == "objected" and status in ("resolved", "closed")


def ends_wait(text: str, status: str) -> bool:
    """Whether what the customer writes is what the case waits for."""
    return bool(text) and status in PAUSING


def name_of_saying(text: str, earlier: Iterable[str]) -> str:
    """What makes a saying the same as one before: its words, until the team has ended its work once more.

    `earlier` are the kinds of the lines of the timeline.
    """
    round_ = sum(kind in OUTCOMES_OF_WORK for kind in earlier)
    return f"{round_}:{hashlib.sha256(text.encode()).hexdigest()}"


def steps(lines: Iterable[Line]) -> list[Step]:
    """What a customer may know of the timeline, in its order.

    Nothing of notes, causes, severity, partners and people: only what is named here is told, and of what the team has
    written only the message to the customer.
    """
    told = (_step(line) for line in lines)
    return [step for step in told if step is not None]


def heard_last(told: Iterable[Step]) -> Step | None:
    """What the customer has said, as long as nobody has done anything since."""
    last = None
    for step in told:
        if step.kind in ACTS.values():
            last = step
        elif step.kind != "reopened":
            last = None
    return last


_PLAIN = frozenset({"opened", "answer_added", "contacted", "contact_attempted", "causes_set", "resolution_withdrawn"})


def _step(line: Line) -> Step | None:
    data = line.data
    match line.kind:
        case "resolved":
            return Step("resolved", line.at, quote=str(data.get("message") or ""))
        case "closed":
            return Step("closed", line.at, detail=str(data.get("outcome") or ""))
        case "follow_up_answered":
            return Step("follow_up_answered", line.at, detail=str(data.get("solved") or ""))
        case "waiting_began" if data.get("for") == "customer":
            return Step("waiting_began", line.at)
        case "objected" | "thanked":
            return Step(line.kind, line.at, quote=line.text or "")
        case "reopened":
            return Step("reopened", line.at)
        case kind if kind in _PLAIN:
            return Step(kind, line.at)
    return None


_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{1,4}")
_TWO_CHARACTERS = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "司徒",
        "东方",
        "独孤",
        "南宫",
        "夏侯",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "端木",
        "宇文",
        "长孙",
        "轩辕",
        "歐陽",
        "司馬",
        "上官",
        "諸葛",
    ]
)
"""Family names that are written with two characters."""
_LONGEST_NAME = 40


def first_name(name: str) -> str | None:
    """The first name of somebody of the team, and nothing else of it; None where it cannot be told.

    "Li Lei" is Li, "Dr. Anna Smith" and "Smith, Anna" are Anna, "王芳" is 芳.
    """
    if "@" in name:
        return None
    name = name.rpartition(",")[2]
    parts = [part for part in name.partition("·")[0].split() if not part.endswith(".")]
    if not parts or len(parts[0]) > _LONGEST_NAME:
        return None
    # A dot stands in names from elsewhere, which begin with the first name.
    if "·" in name or not any(ord(character) > 0x2E7F for character in parts[0]):
        return parts[0]
    return _given_name(parts)


def _given_name(parts: list[str]) -> str | None:
    """Of a name in Han characters, which begins with the family's."""
    if not all(_HAN.fullmatch(part) for part in parts):
        return None
    if len(parts) > 1:
        return parts[-1]
    whole = parts[0]
    begins = 2 if len(whole) > 2 and whole[:2] in _TWO_CHARACTERS else 1
    return whole[begins:] or None
