"""What figures are read from: RollupFact (one response as it counts), RollupCell (how many of them), and Rollup.

All of it can be made again from the responses at any time; nothing here is the only place of anything. Facts and
cells repeat ids that the responses' own foreign keys have checked, so they have none.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import TenantModel, one_of


class Rollup(TenantModel):
    """The tenant's rollups as a whole. Whoever changes them holds this row, so that there is one writer at a time."""

    __tablename__ = "rollups"
    __wall__ = "shared"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    timezone: Mapped[str]
    """The zone whose days the cells hold; while it is not the tenant's, figures are computed from the responses."""


class RollupFact(TenantModel):
    """What one response (its id) adds to the cells. A metric that it does not count in is empty."""

    __tablename__ = "rollup_facts"
    __wall__ = "own"
    __rows__ = "touchpoint"

    survey_kind: Mapped[str]
    survey_id: Mapped[UUID]
    touchpoint_id: Mapped[UUID | None]
    partner_id: Mapped[UUID | None]
    department_id: Mapped[UUID | None]
    response_day: Mapped[date]
    interaction_day: Mapped[date]
    is_nameless: Mapped[bool]
    """No customer is known: what a partner's figures protect, who does not see which surveys are anonymous."""
    nps: Mapped[int | None]
    csat: Mapped[int | None]
    ces: Mapped[int | None]
    emotion: Mapped[int | None]


class RollupCell(TenantModel):
    """How many responses answered this value on this day, or in the month that begins with it.

    The id is derived from everything else but the two counts: the same cell has the same id, however it came about.
    """

    __tablename__ = "rollup_cells"
    __wall__ = "own"
    __rows__ = "touchpoint"
    __table_args__ = (
        Index(
            "ix_rollup_cells_day",
            "tenant_id",
            "survey_kind",
            "basis",
            "metric",
            "grain",
            "day",
        ),
        one_of("basis", "response", "interaction"),
        one_of("grain", "day", "month"),
        one_of("metric", "nps", "csat", "ces", "emotion"),
    )

    survey_kind: Mapped[str]
    basis: Mapped[str]
    grain: Mapped[str]
    day: Mapped[date]
    survey_id: Mapped[UUID]
    touchpoint_id: Mapped[UUID | None]
    partner_id: Mapped[UUID | None]
    department_id: Mapped[UUID | None]
    metric: Mapped[str]
    value: Mapped[int]
    n: Mapped[int] = mapped_column(default=0)
    nameless: Mapped[int] = mapped_column(default=0)
