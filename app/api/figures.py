"""Figures: NPS, CSAT, CES and emotion with n and interval, by any of the dimensions."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from app.api.base import Day, PathModel, QueryModel, blueprint
from app.insights.figures import queries
from app.insights.figures.rules import ENTITIES, FigureQuery, serialise
from app.tenants.access import api_scope

bp = blueprint("figures", "Figures")

Dimension = Literal[
    "touchpoint", "partner", "department", "journey", "stage", "channel", "survey", "day", "week", "month"
]


class MetricPath(PathModel):
    """Which metric."""

    metric: str = Field(max_length=20, description="nps, csat, ces or emotion")


class FigureIn(QueryModel):
    """Which answers, grouped by what. Dates are inclusive, in the tenant's time zone."""

    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None
    basis: Literal["response", "interaction"] = "response"
    by: list[Dimension] = Field(default=[], max_length=4)
    kind: Literal["transactional", "relationship", "internal"] = "transactional"
    touchpoint: list[str] = Field(default=[], max_length=100)
    partner: list[str] = Field(default=[], max_length=100)
    department: list[str] = Field(default=[], max_length=100)
    journey: list[str] = Field(default=[], max_length=100)
    stage: list[str] = Field(default=[], max_length=100)
    channel: list[str] = Field(default=[], max_length=100)
    survey: list[str] = Field(default=[], max_length=100)

    def question(self) -> FigureQuery:
        """As the figures room understands it."""
        filters = {name: tuple(getattr(self, name)) for name in ENTITIES if getattr(self, name)}
        by = tuple(dict.fromkeys(self.by))
        return FigureQuery(self.basis, self.from_, self.to, by, filters, self.kind)


class FigureOut(BaseModel):
    """One row. All figures are null when it is suppressed; score, low and high also when nobody answered.

    `counts` are answers by value, of emotion picks by rank; `positive`, `negative` and `net` (points) are emotion's.
    An emotion that does not vary has no interval.
    """

    keys: dict[str, str | None]
    n: int | None
    score: float | None
    low: float | None
    high: float | None
    promoters: int | None = None
    passives: int | None = None
    detractors: int | None = None
    top: int | None = None
    mean: float | None = None
    counts: dict[str, int] | None = None
    positive: int | None = None
    negative: int | None = None
    net: float | None = None
    low_base: bool
    suppressed: bool


class FiguresOut(BaseModel):
    """The answer to one question."""

    metric: str
    basis: str
    rows: list[FigureOut]


@bp.get("/figures/<metric>", responses={200: FiguresOut})
@api_scope("read")
def get_figures(path: MetricPath, query: FigureIn) -> dict[str, Any]:
    """A figure with its interval, in one row or by dimension."""
    rows = queries.figure(path.metric, query.question())
    return {"metric": path.metric, "basis": query.basis, "rows": [serialise(row) for row in rows]}
