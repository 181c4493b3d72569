"""What was agreed with a partner: its targets, all of them at once."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field

from app.api.base import ApiModel, Day, KeyPath, blueprint
from app.partners import queries, service
from app.partners.queries import get_partner_by_key
from app.partners.rules import (
    HIGHEST_WEIGHT,
    LONGEST_METHOD,
    MEASURE_PATTERN,
    MONTH_PATTERN,
    MOST_ANSWERS,
    MOST_TARGETS,
    Target,
    current,
)
from app.tenants.access import api_scope

bp = blueprint("targets", "Partners")

Month = Annotated[str, Field(pattern=MONTH_PATTERN)]
Count = Annotated[int, Field(ge=1, le=MOST_ANSWERS)]


class TargetIn(ApiModel):
    """What was agreed about one measure. A target reached counts 100, the floor 0; both are in the measure's unit: NPS
    points, a valence from -1 to 1, the mean as it is, everything else in percent. A baseline is told whole or not at
    all."""

    measure: str = Field(
        pattern=MEASURE_PATTERN,
        description="nps, csat, ces and emotion are what customers said; late the share of interactions that were "
        "late; first_contact and resolution the shares of cases in time; share:NAME how often a measure of "
        "interactions was above zero, mean:NAME its mean.",
    )
    weight: float = Field(gt=0, le=HIGHEST_WEIGHT, allow_inf_nan=False)
    target: float = Field(allow_inf_nan=False, description="Below the floor where less is better.")
    floor: float = Field(allow_inf_nan=False)
    min_n: Count = Field(
        default=30, description="Judged from so many answers, interactions or cases on; what customers said from 10."
    )
    first_month: Month = Field(description="It counts from this month on.")
    last_month: Month | None = Field(default=None, description="The last month in which it counts.")
    method: str = Field(min_length=1, max_length=LONGEST_METHOD, description="How it was found. The partner reads it.")
    agreed_by: str = Field(min_length=1, max_length=200, description="Who agreed. The partner reads it.")
    agreed_on: Annotated[Day, Field(strict=False)]
    baseline_first_month: Month | None = None
    baseline_last_month: Month | None = None
    baseline_n: Count | None = None
    baseline_value: float | None = Field(default=None, allow_inf_nan=False)


class TargetsIn(ApiModel):
    """All targets of a partner as they shall stand."""

    targets: list[TargetIn] = Field(max_length=MOST_TARGETS)


class TargetOut(BaseModel):
    """What was agreed about one measure."""

    measure: str
    weight: float
    target: float
    floor: float
    min_n: int
    first_month: str
    last_month: str | None
    method: str
    agreed_by: str
    agreed_on: date
    baseline_first_month: str | None
    baseline_last_month: str | None
    baseline_n: int | None
    baseline_value: float | None


class TargetList(BaseModel):
    """The targets that count this month, and those that begin later."""

    data: list[TargetOut]
    next_cursor: None


@bp.put("/partners/<key>/targets", responses={200: TargetList})
@api_scope("admin")
def put_targets(path: KeyPath, body: TargetsIn) -> dict[str, Any]:
    """Replace the targets of a partner; those that are left out end with the month before this one."""
    service.replace_targets(path.key, [Target(**vars(one)) for one in body.targets])
    return _out(path.key)


@bp.get("/partners/<key>/targets", responses={200: TargetList})
@api_scope("read")
def get_targets(path: KeyPath) -> dict[str, Any]:
    """The targets of a partner that count this month or begin later."""
    return _out(path.key)


def _out(key: str) -> dict[str, Any]:
    rows = current(queries.list_targets(get_partner_by_key(key).id), queries.this_month())
    found = [{**vars(row.as_target()), "agreed_on": row.agreed_on.isoformat()} for row in rows]
    return {"data": found, "next_cursor": None}
