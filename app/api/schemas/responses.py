"""What the response endpoints take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from app.api.base import ApiModel, Key, ListQuery, Moment, PathModel
from app.api.problems import FaultOut
from app.customers.intake_rules import MAX_IDENTIFIERS, NewCustomer
from app.kernel.locales import MAX_LENGTH, PATTERN, normalise
from app.surveys.answering.service import BySender, Submission
from app.surveys.outreach.intake_rules import MAX_ID

MOST_IN_BATCH = 1000
_MOST_VERSIONS = 2_147_483_647

SenderId = Annotated[str, Field(min_length=1, max_length=MAX_ID)]
Locale = Annotated[str, Field(max_length=MAX_LENGTH, json_schema_extra={"pattern": PATTERN}), AfterValidator(normalise)]
Answers = Annotated[
    dict[str, Any],
    Field(
        max_length=200,
        description=(
            "By question key: nps 0-10, csat 1-5, ces 1-7, emotion a list of one to three ranks 1-20, expectation "
            '{"expected": 1-7, "perceived": 1-7}, choice an option\'s key, multiple a list of them, text a string, '
            "number a number, date YYYY-MM-DD."
        ),
    ),
]


class IdentifierIn(ApiModel):
    """An address, a number or an id that a person is known by."""

    type: Literal["email", "phone", "external"]
    value: Annotated[str, Field(min_length=1, max_length=320)]


class CustomerIn(ApiModel):
    """Who answered; found by any of the identifiers, or made."""

    identifiers: Annotated[list[IdentifierIn], Field(min_length=1, max_length=MAX_IDENTIFIERS)]
    name: Annotated[str, Field(max_length=200)] | None = None
    locale: Annotated[str, Field(max_length=MAX_LENGTH)] | None = None
    timezone: Annotated[str, Field(max_length=100)] | None = None
    attributes: Annotated[dict[str, Any], Field(max_length=50)] | None = None

    def given(self) -> NewCustomer:
        """As the customers room understands it."""
        identifiers = [(identifier.type, identifier.value) for identifier in self.identifiers]
        return NewCustomer(identifiers, self.name, self.locale, self.timezone, self.attributes)


class ResponseIn(ApiModel):
    """A complete response, as another system sends it."""

    id: SenderId | None = Field(default=None, description="Your own id; the same response again changes nothing.")
    survey: Key
    version: Annotated[int, Field(ge=1, le=_MOST_VERSIONS)] | None = Field(
        default=None, description="The version that was asked; the newest unless given."
    )
    touchpoint: Key | None = Field(default=None, description="Required unless the interaction is given.")
    interaction: SenderId | None = Field(default=None, description="The id under which the interaction was sent.")
    customer: CustomerIn | None = None
    partner: Key | None = Field(
        default=None, description="Who delivered; the interaction's or touchpoint's if not given."
    )
    answers: Answers
    answered_at: Moment | None = Field(
        default=None, description="With offset, at most five minutes ahead; now unless given."
    )
    locale: Locale | None = None
    historic: bool = Field(default=False, description="Counts and opens cases as of then; sends and alarms nothing.")

    def submission(self) -> Submission:
        """As the answering room understands it."""
        way = BySender(
            survey=self.survey,
            version=self.version,
            id=self.id,
            touchpoint=self.touchpoint,
            interaction=self.interaction,
            customer=self.customer.given() if self.customer else None,
            partner=self.partner,
            answered_at=self.answered_at,
            is_historic=self.historic,
        )
        return Submission(way, self.answers, locale=self.locale)


class ResponseBatchIn(ApiModel):
    """Many responses; each is judged by itself."""

    responses: Annotated[
        list[Any],
        Field(min_length=1, max_length=MOST_IN_BATCH, description="Each as in POST /responses."),
    ]


class ScoresOut(BaseModel):
    """The score of each metric; null where it was not asked or not answered."""

    nps: int | None = Field(ge=0, le=10)
    csat: int | None = Field(ge=1, le=5)
    ces: int | None = Field(ge=1, le=7)
    emotion: float | None = Field(ge=-1, le=1, description="The mean valence of the feelings, to four decimals.")


class ResponseMade(BaseModel):
    """What became of a response that was sent; the same for the same response again."""

    id: str
    status: Literal["completed"]
    scores: ScoresOut


class ItemOut(BaseModel):
    """What became of one item of a batch: its id, or what is wrong with it."""

    index: int
    status: int
    id: str | None = None
    errors: list[FaultOut] | None = None


class ResponseBatchOut(BaseModel):
    """One answer for each item, in their order."""

    data: list[ItemOut]


class ResponseOut(BaseModel):
    """A response. `comment` is the first open answer; `parked` says why it does not count until it is released."""

    id: str
    status: Literal["started", "completed"]
    survey: str
    version: int
    touchpoint: str | None
    partner: str | None
    customer: str | None
    interaction: str | None
    invitation: str | None
    case: int | None
    scores: ScoresOut
    answers: Answers
    comment: str | None
    locale: str
    source: Literal["invitation", "open_link", "widget", "api", "import"]
    historic: bool
    answered_at: str
    received_at: str
    completed_at: str | None
    parked: Literal["honeypot", "two_scores", "test"] | None
    over_plan: bool = Field(
        description="The month held more answers than the plan includes: in no figure until it does."
    )


class ResponseList(BaseModel):
    """Some responses."""

    data: list[ResponseOut]
    next_cursor: str | None


class ResponseQuery(ListQuery):
    """Which responses; newest answer first."""

    survey: Key | None = None
    touchpoint: Key | None = None
    partner: Key | None = None
    since: Moment | None = Field(default=None, description="Answered then or later.")
    parked: bool | None = None


class ResponsePath(PathModel):
    """Your own id of a response, or ours."""

    id: SenderId
