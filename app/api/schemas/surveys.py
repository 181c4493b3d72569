"""What the survey endpoints take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from app.api.base import ApiModel, Key, Name
from app.surveys.design.service import LONGEST_REASON

Kind = Literal["transactional", "relationship", "follow_up", "internal"]
Definition = Annotated[
    dict[str, Any], Field(description="A survey definition; its grammar is served at /api/v1/schemas/survey.json.")
]
Count = Annotated[int, Field(ge=1)]


class SurveyIn(ApiModel):
    """A survey as it is sent. What may be left out stays as it is; a new survey is transactional and not anonymous."""

    name: Name
    kind: Kind | None = Field(default=None, description="Fixed by the first publication.")
    anonymous: bool | None = Field(default=None, description="Fixed by the first publication.")
    open_link: bool | None = Field(default=None, description="Whether anybody may answer at /s/<tenant>/<survey>.")
    definition: Definition


class SurveySummary(ApiModel):
    """A survey without its definition."""

    key: Key
    name: Name
    kind: Kind
    anonymous: bool
    open_link: bool
    version: Count | None = Field(description="The newest published version; null before the first.")
    draft_differs: bool = Field(description="Whether the draft is not what the newest version asks.")
    updated_at: str
    closed_at: str | None = Field(description="Since when it takes no answers; null while it does.")


class SurveyOut(SurveySummary):
    """A survey with its draft."""

    definition: Definition


class SurveyList(ApiModel):
    """Some surveys."""

    data: list[SurveySummary]
    next_cursor: str | None


class PublicationIn(ApiModel):
    """The wish to publish a draft."""

    override: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)] | None = Field(
        default=None, description="The reason for publishing although the linter found errors; it is kept."
    )


class VersionOut(ApiModel):
    """A published version."""

    version: Count
    etag: str
    published_at: str
    override: str | None


class FindingOut(ApiModel):
    """Something the linter would have better."""

    pointer: str
    detail: str


class PublicationOut(VersionOut):
    """The version that a publication made, or found made already."""

    survey: Key
    warnings: list[FindingOut]


class VersionList(ApiModel):
    """The versions of a survey."""

    data: list[VersionOut]
    next_cursor: str | None
