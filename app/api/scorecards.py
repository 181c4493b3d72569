"""A partner's scorecard of one month: as JSON, or as a PDF for those who ask for one."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Response, request
from pydantic import BaseModel, Field

from app.api.base import KeyPath, QueryModel, blueprint
from app.insights.reports.queries import scorecard_report
from app.insights.reports.views import download
from app.insights.scorecards import queries
from app.tenants.access import api_scope, tenant

bp = blueprint("scorecards", "Partners")

_PDF = {"schema": {"type": "string", "format": "binary"}}
"""The other form of the answer, for those who accept it."""


class ScorecardQuery(QueryModel):
    """Which month."""

    period: str | None = Field(
        default=None,
        max_length=20,
        description="A month such as 2018-01, by the day of the interaction in the tenant's time zone. Without it the "
        "newest month in which somebody answered about the partner.",
    )


class ScorecardOut(BaseModel):
    """A scorecard. A closed month never changes. Figures are null where nobody answered, and all of them where people
    have to be protected (`suppressed`)."""

    # For the document alone: it is no setting of pydantic's.
    model_config: ClassVar[Any] = {"openapi_extra": {"content": {"application/pdf": _PDF}}}

    partner: dict[str, str]
    period: str
    status: str = Field(description="open or closed")
    closed_at: str | None
    closes_at: str
    as_of: str
    timezone: str
    figures: list[dict[str, Any]] = Field(
        description="By metric: n, score, low, high, counts by value, low_base, suppressed, and the tested change "
        "against the month before (raw, low, high, p_value, verdict up, down or unclear)."
    )
    trend: list[dict[str, Any]] = Field(description="By metric twelve months, each with n, score, low and high.")
    targets: dict[str, Any] = Field(
        description="`items`: what was agreed about each measure, with n, value, low and high of the month; score, 0 "
        "at the floor and 100 at the target; verdict met, missed or unproven by the interval; both null below min_n; "
        "share is the weight in percent of all. `composite`: score, the mean of the scores by weight, and coverage, "
        "the percent of the weight that has one; the score is null below 60. Null where nothing is agreed."
    )
    words: dict[str, Any] = Field(
        description="Redacted comments: the newest 50 first (`shown`, a thousand characters of each), how many there "
        "are (`count`) and how many of those shown were cut (`shortened`)."
    )
    measures: list[dict[str, Any]] = Field(description="By measure a share with hits, or a mean, with n, low and high.")
    cases: dict[str, Any] = Field(description="Cases opened in the month, and how they were handled.")
    comparison: dict[str, Any] = Field(
        description="By metric: raw, expected of the same mix, adjusted; shrunk, reliability, position in the funnel "
        "and the benchmark. `by` names what the strata are made of, `peers` the other partners by key."
    )


@bp.get("/partners/<key>/scorecard", responses={200: ScorecardOut})
@api_scope("read")
def get_scorecard(path: KeyPath, query: ScorecardQuery) -> dict[str, Any] | Response:
    """The scorecard of a partner; with `Accept: application/pdf` on paper."""
    card = queries.card_for_staff(path.key, query.period)
    if request.accept_mimetypes.best_match(["application/json", "application/pdf"]) == "application/pdf":
        return download(scorecard_report(card, tenant().name))
    return queries.with_named_peers(card)
