"""What the endpoints of interactions, outreach rules and invitations take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, WithJsonSchema

from app.api.base import ApiModel, Key, ListQuery, Moment, PathModel
from app.api.problems import FaultOut
from app.api.schemas.responses import MOST_IN_BATCH, CustomerIn, SenderId
from app.customers.rules import MAX_ATTRIBUTES, MAX_NAME
from app.surveys.outreach.intake_rules import MAX_MEASURES, NewInteraction
from app.surveys.outreach.setup_rules import MAX_TOUCHPOINTS, MOST_DAYS, MOST_DELAY_MINUTES, RuleInput

Short = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
# The values are judged by the verb, whose words for what is wrong are better than those of a schema of alternatives.
Measures = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": MAX_MEASURES,
            "propertyNames": {"pattern": "^[A-Za-z0-9_.-]{1,64}$"},
            "additionalProperties": {"type": "number"},
        }
    ),
]
Attributes = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": MAX_ATTRIBUTES,
            "propertyNames": {"pattern": "^[A-Za-z0-9_.-]{1,64}$"},
            "additionalProperties": {
                "anyOf": [{"type": "string", "maxLength": 500}, {"type": "number"}, {"type": "boolean"}]
            },
        }
    ),
]
Item = Annotated[Any, Field(description="As in POST /interactions.")]


class EmployeeIn(ApiModel):
    """Who served the customer, by the sender's own id."""

    id: Short
    name: Short | None = None


class InteractionIn(ApiModel):
    """Something that happened to one customer at one touchpoint: one id per touchpoint visited."""

    id: SenderId = Field(description="Your own id; the same interaction again changes nothing.")
    touchpoint: Key
    occurred_at: Moment = Field(description="With offset, at most five minutes ahead.")
    customer: CustomerIn
    partner: Key | None = Field(default=None, description="Who delivered; the touchpoint's partner unless given.")
    employee: EmployeeIn | None = None
    measures: Measures = Field(default_factory=dict, description="Numbers by name, such as late_days.")
    attributes: Attributes = Field(default_factory=dict, description="Texts, numbers and truth values by name.")
    historic: bool = Field(default=False, description="Counts; nobody is asked.")

    def given(self) -> NewInteraction:
        """As the outreach room understands it."""
        return NewInteraction(
            id=self.id,
            touchpoint=self.touchpoint,
            occurred_at=self.occurred_at,
            customer=self.customer.given(),
            partner=self.partner,
            employee_id=self.employee.id if self.employee else None,
            employee_name=self.employee.name if self.employee else None,
            measures=self.measures,
            attributes=self.attributes,
            is_historic=self.historic,
        )


class InteractionBatchIn(ApiModel):
    """Many interactions; each is judged by itself."""

    interactions: Annotated[
        list[Any],
        Field(min_length=1, max_length=MOST_IN_BATCH, description="Each as in POST /interactions."),
    ]


class InteractionTaken(BaseModel):
    """The interaction has been taken; the same for the same interaction again."""

    id: str
    received_at: str


class TakenItem(BaseModel):
    """What became of one interaction of a batch: its id, or what is wrong with it."""

    index: int
    status: int
    id: str | None = None
    errors: list[FaultOut] | None = None


class InteractionBatchOut(BaseModel):
    """One answer for each interaction, in their order."""

    data: list[TakenItem]


class DecisionOut(BaseModel):
    """What one rule decided; a skip says why."""

    rule: str
    decision: Literal["scheduled", "sent", "skipped"]
    reason: str | None
    invitation: str | None


class EmployeeOut(BaseModel):
    """Who served the customer."""

    id: str
    name: str | None


class InteractionOut(BaseModel):
    """An interaction, and what every rule that listens to its touchpoint decided about it."""

    id: str
    touchpoint: str
    occurred_at: str
    received_at: str
    customer: str
    partner: str | None
    employee: EmployeeOut | None
    measures: Measures
    attributes: Attributes
    historic: bool
    outreach: list[DecisionOut]


class InteractionList(BaseModel):
    """Some interactions."""

    data: list[InteractionOut]
    next_cursor: str | None


class InteractionQuery(ListQuery):
    """Which interactions; the latest to arrive first."""

    touchpoint: Key | None = None
    partner: Key | None = None
    customer: Annotated[str, Field(max_length=36)] | None = None


class InteractionPath(PathModel):
    """The id under which you sent an interaction; slashes and colons in it are fine."""

    id: SenderId


class RuleIn(ApiModel):
    """A rule: whom to ask what, when and how, after interactions at some touchpoints."""

    touchpoints: Annotated[list[Key], Field(min_length=1, max_length=MAX_TOUCHPOINTS)]
    survey: Key
    channel: Literal["email", "sms", "link", "webhook"]
    delay_minutes: int = Field(default=0, ge=0, le=MOST_DELAY_MINUTES, description="Counted from `occurred_at`.")
    sample_percent: int = Field(default=100, ge=0, le=100)
    expires_after_days: int = Field(default=14, ge=1, le=MOST_DAYS)
    quiet_hours: bool = True
    min_gap_days: Annotated[int, Field(ge=0, le=MOST_DAYS)] | None = Field(
        default=None, description="More than the tenant's own gap; less changes nothing."
    )
    active: bool = True

    def given(self) -> RuleInput:
        """As the outreach room understands it."""
        values = self.model_dump(exclude={"touchpoints", "active"})
        return RuleInput(touchpoints=tuple(self.touchpoints), is_active=self.active, **values)


class RuleOut(RuleIn):
    """A rule as it stands."""

    key: Key
    created_at: str
    updated_at: str


class RuleList(BaseModel):
    """Some rules."""

    data: list[RuleOut]
    next_cursor: str | None


Status = Literal[
    "scheduled",
    "sent",
    "uncertain",
    "delivered",
    "bounced",
    "started",
    "completed",
    "expired",
    "cancelled",
]


class InvitationOut(BaseModel):
    """One ask to one customer. `uncertain`: handed over, result unknown, never sent again by itself."""

    id: str
    status: Status
    reason: str | None = Field(description="Why it was cancelled, or expired before it was sent.")
    channel: str
    purpose: Literal["ask", "follow_up", "test"]
    survey: str
    version: int
    customer: str
    interaction: str | None
    rule: str | None
    locale: str
    created_at: str
    due_at: str
    sent_at: str | None
    expires_at: str | None
    started_at: str | None
    completed_at: str | None
    respond_url: str | None = Field(description="For keys with the scope outreach or admin.")


class InvitationPath(PathModel):
    """The id of an invitation, as an interaction's decisions give it."""

    id: Annotated[str, Field(max_length=36)]
