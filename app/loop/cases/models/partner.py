"""What the partner of a case is asked, and what it says: the two tables of a case that its partner may read.

Neither names anybody of the team, and nothing of them is copied from what a partner must not read.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel, belongs_to, tenant_fk

_OPEN = text("answered_at IS NULL AND withdrawn_at IS NULL")


class PartnerQuestion(TenantModel):
    """What the brand asks the partner of a case, and by when: the partner's own clock. One is open at a time.

    `answered_at` repeats the time of the answer, because the index that keeps questions one after another needs it.
    """

    __tablename__ = "partner_questions"
    __wall__ = "own"
    __rows__ = "case"
    __table_args__ = (
        tenant_fk("case_id", "cases"),
        tenant_fk("partner_id", "partners"),
        CheckConstraint("answered_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        Index("ix_partner_questions_case_id", "tenant_id", "case_id", "asked_at"),
        Index("ix_partner_questions_due_at", "tenant_id", "partner_id", "due_at", postgresql_where=_OPEN),
        Index("uq_partner_questions_open", "tenant_id", "case_id", unique=True, postgresql_where=_OPEN),
    )

    case_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    text: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """Business days of the tenant's calendar as it was when the question was asked."""
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    """Taken back, or the case was closed without the answer."""

    case = belongs_to("PartnerQuestion", "case_id", "Case")


class PartnerStatement(TenantModel):
    """What a partner's user says about a case: the answer to a question, or a fact of its own accord. Never changed."""

    __tablename__ = "partner_statements"
    __wall__ = "own_append"
    __rows__ = "case"
    __table_args__ = (
        tenant_fk("case_id", "cases"),
        tenant_fk("partner_id", "partners"),
        tenant_fk("question_id", "partner_questions"),
        UniqueConstraint("tenant_id", "question_id"),
        Index("ix_partner_statements_case_id", "tenant_id", "case_id", "at"),
    )

    case_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    question_id: Mapped[UUID | None]
    """The question that it answers; None for a fact."""
    at: Mapped[datetime]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str]
    text: Mapped[str]
