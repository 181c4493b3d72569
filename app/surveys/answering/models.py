"""What customers answered: Response (scores and a redacted comment, what figures read) and Answer (the raw values).

And Widget: a survey that stands in somebody's own pages.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Dialect, Double, Index, Text, TypeDecorator, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel, belongs_to, has_many, one_of, tenant_fk
from app.surveys.answering.rules import Scores
from app.surveys.design.definition import Answer as GivenAnswer


class Response(TenantModel):
    """One customer's answers to one survey version. Who was responsible is copied in at write: figures need no join."""

    __tablename__ = "responses"
    __wall__ = "own"
    __rows__ = "touchpoint"
    __table_args__ = (
        tenant_fk("survey_id", "surveys"),
        tenant_fk("survey_version_id", "survey_versions"),
        tenant_fk("invitation_id", "invitations"),
        tenant_fk("interaction_id", "interactions"),
        tenant_fk("touchpoint_id", "touchpoints"),
        tenant_fk("customer_id", "customers"),
        tenant_fk("partner_id", "partners"),
        tenant_fk("department_id", "departments"),
        UniqueConstraint("tenant_id", "external_id"),
        UniqueConstraint("tenant_id", "invitation_id"),
        Index(
            "uq_responses_client_key",
            "tenant_id",
            "survey_id",
            "client_key",
            unique=True,
            postgresql_where=text("client_key IS NOT NULL"),
        ),
        Index("ix_responses_answered_at", "tenant_id", "answered_at", "id"),
        Index("ix_responses_interaction_id", "tenant_id", "interaction_id"),
        Index("ix_responses_partner_id", "tenant_id", "partner_id", "occurred_at"),
        Index(
            "ix_responses_over_plan",
            "tenant_id",
            "over_plan_month",
            "id",
            postgresql_where=text("over_plan_month IS NOT NULL"),
        ),
        Index("ix_responses_uncounted", "tenant_id", postgresql_where=text("is_uncounted")),
        Index("ix_responses_customer_id", "tenant_id", "customer_id", "answered_at"),
        one_of("status", "started", "completed"),
        one_of("source", "invitation", "open_link", "widget", "api", "import"),
        one_of("survey_kind", "transactional", "relationship", "follow_up", "internal"),
        CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="completed"),
        CheckConstraint("nps BETWEEN 0 AND 10", name="nps"),
        CheckConstraint("csat BETWEEN 1 AND 5", name="csat"),
        CheckConstraint("ces BETWEEN 1 AND 7", name="ces"),
        CheckConstraint("emotion BETWEEN 1 AND 1048575", name="emotion"),
        CheckConstraint("valence BETWEEN -1 AND 1", name="valence"),
        CheckConstraint("(emotion IS NULL) = (valence IS NULL)", name="emotion_has_valence"),
        CheckConstraint("revision >= 0", name="revision"),
    )

    external_id: Mapped[str | None]
    """The sender's own id (API, import)."""
    client_key: Mapped[str | None]
    """Made by the browser for an open link or a widget; makes its POST idempotent."""
    content_hash: Mapped[str]
    """Of the last accepted body: a repeated POST after completion is recognised by it."""
    survey_id: Mapped[UUID]
    survey_kind: Mapped[str]
    survey_version_id: Mapped[UUID]
    invitation_id: Mapped[UUID | None]
    interaction_id: Mapped[UUID | None]
    touchpoint_id: Mapped[UUID | None]
    customer_id: Mapped[UUID | None]
    partner_id: Mapped[UUID | None]
    department_id: Mapped[UUID | None]
    source: Mapped[str]
    status: Mapped[str]
    revision: Mapped[int] = mapped_column(default=0)
    locale: Mapped[str]
    answered_at: Mapped[datetime]
    """When the customer gave the last answer; for imports as given."""
    received_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    occurred_at: Mapped[datetime | None]
    """Of the interaction, copied: the time basis of scorecards."""
    is_historic: Mapped[bool] = mapped_column(default=False)
    parked_at: Mapped[datetime | None]
    parked_reason: Mapped[str | None]
    over_plan_month: Mapped[date | None]
    """The month (its first day) whose plan does not cover it: kept and looked after, but in no figure until it does."""
    nps: Mapped[int | None]
    csat: Mapped[int | None]
    ces: Mapped[int | None]
    emotion: Mapped[int | None]
    """The picked ranks as bits (rank 1 is bit 0): a set of one to three groups and counts like any other value."""
    valence: Mapped[float | None] = mapped_column(Double)
    """The mean valence of the picked ranks, -1 to 1, as the scale was when the answer came."""
    comment_redacted: Mapped[str | None]
    """The comment without addresses and numbers: what a partner may read."""
    is_uncounted: Mapped[bool] = mapped_column(default=True, onupdate=True)
    """Not yet in the rollups as it stands: set by every change, taken away by whoever counts."""

    answers = has_many("Response", "Answer", "response_id", "question_key")
    version = belongs_to("Response", "survey_version_id", "SurveyVersion")
    survey = belongs_to("Response", "survey_id", "Survey")
    interaction = belongs_to("Response", "interaction_id", "Interaction")
    touchpoint = belongs_to("Response", "touchpoint_id", "Touchpoint")
    customer = belongs_to("Response", "customer_id", "Customer")
    partner = belongs_to("Response", "partner_id", "Partner")


def answers_of(response: Response) -> dict[str, GivenAnswer]:
    """The answers of a response by question key, as their question types read them."""
    return {row.question_key: GivenAnswer(row.number, row.text) for row in response.answers}


def scores_of(response: Response) -> Scores:
    """The scores that stand with a response."""
    return Scores(response.nps, response.csat, response.ces, response.emotion)


class Number(TypeDecorator[float]):
    """A number that comes back as it was given: 3 stays 3 and does not become 3.0."""

    impl = Double
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> float | None:
        return int(value) if value is not None and value.is_integer() else value


class Answer(TenantModel):
    """One answered question; exactly one of `number` and `text` is set, in one spelling for one answer.

    `number`: nps, csat, ces and number; of emotion the ranks as bits, as in `Response.emotion`. `text`: the key of an
    option, the words of a text, a date as YYYY-MM-DD; of multiple a JSON list of keys in the order of the options
    (`["late","damaged"]`), of expectation a JSON object (`{"expected":6,"perceived":3}`), both without spaces.
    """

    __tablename__ = "answers"
    __wall__ = "staff"
    __rows__ = "response"
    __table_args__ = (
        tenant_fk("response_id", "responses", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "response_id", "question_key"),
        CheckConstraint("(number IS NULL) <> (text IS NULL)", name="one_value"),
    )

    response_id: Mapped[UUID]
    question_key: Mapped[str]
    type: Mapped[str]
    number: Mapped[float | None] = mapped_column(Number)
    text: Mapped[str | None]
    answered_at: Mapped[datetime]


class Widget(TenantModel):
    """A survey embedded in web pages: where it may stand, when it shows itself, and what its answers count for.

    Its key in the public address is derived from the tenant's id and its own (kernel/tokens.py), never stored.
    """

    __tablename__ = "widgets"
    __wall__ = "staff"
    __rows__ = "all"
    __table_args__ = (
        tenant_fk("survey_id", "surveys"),
        tenant_fk("touchpoint_id", "touchpoints"),
        Index("ix_widgets_survey_id", "tenant_id", "survey_id"),
        one_of("kind", "popover", "inline", "button"),
        CheckConstraint("delay_seconds >= 0", name="delay_seconds"),
        CheckConstraint("scroll_percent BETWEEN 0 AND 100", name="scroll_percent"),
        CheckConstraint("sample_percent BETWEEN 0 AND 100", name="sample_percent"),
        CheckConstraint("again_after_days >= 0", name="again_after_days"),
    )

    survey_id: Mapped[UUID]
    touchpoint_id: Mapped[UUID | None]
    """What its answers are about; None: the survey is about the whole."""
    name: Mapped[str]
    kind: Mapped[str]
    sites: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """The origins it may stand on, in the one spelling of widget_rules.read_site."""
    paths: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Patterns of page paths, `*` for anything; none: every page."""
    delay_seconds: Mapped[int] = mapped_column(default=0)
    scroll_percent: Mapped[int] = mapped_column(default=0)
    sample_percent: Mapped[int] = mapped_column(default=100)
    again_after_days: Mapped[int | None]
    """When one person sees it again; None: never, 0: every time."""
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    survey = belongs_to("Widget", "survey_id", "Survey")
    touchpoint = belongs_to("Widget", "touchpoint_id", "Touchpoint")
