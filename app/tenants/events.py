"""What this room tells others: somebody is to get a letter, somebody tried to sign in, or wants to sign up.

`kind` names its writer in app/handlers.py, `subject_id` what it is about, and `letter_id` this one letter, so that a
second hand-over of it is the same mail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from app.kernel.events import DirectoryEvent, Event
from app.kernel.ids import new_id


@dataclass(frozen=True)
class LetterWanted(DirectoryEvent):
    """To a person who may be in no tenant."""

    kind: str
    subject_id: UUID
    letter_id: UUID = field(default_factory=new_id)


@dataclass(frozen=True)
class TenantLetterWanted(Event):
    """About something of the tenant."""

    kind: str
    subject_id: UUID
    letter_id: UUID = field(default_factory=new_id)


@dataclass(frozen=True)
class AuditRecorded(Event):
    """A transaction wrote audit rows, the first of them `since` (ISO 8601); they wait for their seals."""

    since: str


@dataclass(frozen=True)
class MemberLeft(Event):
    """Somebody works here no more, or does less: may own no cases any more, or does not set up the tenant. `heir_id`
    gets what they leave, else it is shared; what they may still have is left to them by whoever hears it."""

    user_id: UUID
    heir_id: UUID | None


@dataclass(frozen=True)
class MemberNarrowed(Event):
    """Somebody sees a smaller part of the tenant, or another one."""

    user_id: UUID


@dataclass(frozen=True)
class SignInNoted(DirectoryEvent):
    """The first of a day as this person; what is kept of that day is forgotten in time."""

    user_id: UUID


@dataclass(frozen=True)
class SignInRefused(DirectoryEvent):
    """Somebody tried to sign in as a person (who may not exist), `at` (ISO 8601), from where, and was refused."""

    sign_in_id: UUID
    user_id: UUID
    way: str
    at: str
    address: str | None
    browser: str


@dataclass(frozen=True)
class SignUpAsked(DirectoryEvent):
    """Somebody wants to set up an organisation; after a while nothing is kept of it."""

    sign_up_id: UUID
