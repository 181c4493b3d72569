"""What the case endpoints take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.api.base import ApiModel, Key, ListQuery, PathModel
from app.loop.cases.partner_rules import MOST_DAYS, USUAL_DAYS
from app.loop.cases.queries import HIGHEST_NUMBER
from app.loop.cases.service.telling import LONGEST_TEXT
from app.loop.causes.rules import RootCause

Status = Literal[
    "new",
    "assigned",
    "contacted",
    "investigating",
    "waiting_customer",
    "waiting_partner",
    "waiting_internal",
    "resolved",
    "closed",
]
Outcome = Literal["confirmed", "no_objection", "unreachable", "rejected", "merged"]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
NeededText = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Number = Annotated[int, Field(ge=1, le=HIGHEST_NUMBER)]


class CasePath(PathModel):
    """Which case."""

    number: int = Field(description="The case's number within the tenant.")


class CaseFilter(ListQuery):
    """Which cases. `breached`: a clock ran out before it was stopped."""

    status: list[Status] = Field(default=[], max_length=9)
    owner: str | None = Field(default=None, max_length=320, description="An e-mail address; `none` for nobody's.")
    touchpoint: list[Key] = Field(default=[], max_length=100)
    partner: list[Key] = Field(default=[], max_length=100)
    breached: bool | None = None


class AssignmentIn(ApiModel):
    """Whose the case is from now on."""

    user: Annotated[str, Field(min_length=1, max_length=320, description="A member's e-mail address.")]


class ContactIn(ApiModel):
    """An attempt to reach the customer."""

    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$", description="phone, email, …")]
    outcome: Literal["reached", "attempted"]
    note: Text | None = None


class RootCauseIn(ApiModel):
    """One cause and its share."""

    code: Annotated[str, Field(min_length=1, max_length=130, description="level1 or level1.detail")]
    share: Annotated[float, Field(gt=0, le=1, strict=False)] | None = None
    verified: bool = False

    def given(self) -> RootCause:
        """As the causes room understands it."""
        return RootCause(self.code, self.share, self.verified)


class RootCausesIn(ApiModel):
    """Why it happened; the shares add up to 1."""

    root_causes: Annotated[list[RootCauseIn], Field(min_length=1, max_length=20)]
    note: Text | None = None


class ResolutionIn(ApiModel):
    """What was done, and what the customer is told."""

    action_taken: NeededText
    message_to_customer: Text | None = None


class ClosureIn(ApiModel):
    """How the case ends; `into` is the case that a merged one goes into."""

    outcome: Outcome
    note: Text | None = None
    into: Number | None = None


class WaitingIn(ApiModel):
    """Whom the case waits for, and why."""

    for_: Annotated[Literal["customer", "partner", "internal"], Field(alias="for")]
    reason: NeededText


class NoteIn(ApiModel):
    """A line for the team."""

    note: NeededText


class PartnerQuestionIn(ApiModel):
    """What the partner of the case is asked; it has so many business days of the tenant's calendar for the answer."""

    question: NeededText
    business_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = USUAL_DAYS


class PartnerQuestionPath(CasePath):
    """Which question of which case."""

    id: UUID


class PartnerQuestionOut(BaseModel):
    """A question to the partner. Its answer is a line of the timeline, `partner_answered`, that names this id."""

    id: str
    question: str
    asked_at: str
    due_at: str


class RootCauseOut(BaseModel):
    """One cause and its share."""

    code: str
    share: float
    verified: bool


class CaseOut(BaseModel):
    """A case. Times are ISO 8601; `closure` is the outcome of a closed one."""

    number: int
    status: Status
    closure: Outcome | None
    severity: int
    touchpoint: str | None
    partner: str | None
    customer: str | None
    owner: str | None
    opened_at: str
    first_contact_due_at: str
    first_contact_at: str | None
    resolution_due_at: str
    resolved_at: str | None
    closed_at: str | None
    root_causes: list[RootCauseOut]
    response: str


class CaseList(BaseModel):
    """Some cases."""

    data: list[CaseOut]
    next_cursor: str | None


class ActorOut(BaseModel):
    """Who did it: a user, an api_key, a customer, a partner (the name is its user's) or the system."""

    kind: str
    name: str | None


class EventOut(BaseModel):
    """One line of the timeline."""

    at: str
    kind: str
    actor: ActorOut
    text: str | None
    data: dict[str, Any]


class EventList(BaseModel):
    """The timeline."""

    data: list[EventOut]
    next_cursor: None
