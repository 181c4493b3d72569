"""What every endpoint group starts from: the closed request model, blueprints, lists, and one way to write times."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from flask.blueprints import BlueprintSetupState
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from werkzeug.routing import PathConverter

from app.kernel.pagination import DEFAULT_LIMIT, MOST, Page

PREFIX = "/api/v1"


class ApiModel(BaseModel):
    """A request body or query: unknown fields are refused, and nothing is converted from another JSON type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NoFields(ApiModel):
    """A wish without particulars: an empty object, or no body at all."""


class QueryModel(BaseModel):
    """A query string: unknown fields are refused; values arrive as text and are converted."""

    model_config = ConfigDict(extra="forbid")


class PathModel(BaseModel):
    """The variable parts of an address."""


class KeyPath(PathModel):
    """An address that ends in one of the tenant's own short names."""

    key: str = Field(pattern=r"^[a-z0-9_-]{1,64}$", description="The tenant's own short name.")


class ListQuery(QueryModel):
    """How much of a list, and from where."""

    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MOST)
    cursor: str | None = Field(default=None, max_length=500, pattern=r"^[A-Za-z0-9_=-]*$")


EARLIEST_YEAR = 1900
"""Older times are mistakes: the first years of the calendar cannot even be told in every zone."""


def _written(value: Any) -> Any:
    # A bare number would be read as seconds since 1970, which nobody here means.
    if isinstance(value, str) and not _DAY_AND_TIME.match(value):
        raise ValueError("a time is written as in 2026-01-12T14:05:00+08:00")
    if not isinstance(value, str | datetime):
        raise ValueError("a time is a string, as in 2026-01-12T14:05:00+08:00")
    return value


_DAY_AND_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]", re.ASCII)


def _with_offset(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset, as in 2026-01-12T14:05:00+08:00")
    if moment.year < EARLIEST_YEAR:
        raise ValueError(f"a time is not before {EARLIEST_YEAR}")
    return moment


Moment = Annotated[datetime, Field(strict=False), BeforeValidator(_written), AfterValidator(_with_offset)]
"""An ISO 8601 time with offset."""


def _written_as_day(value: Any) -> Any:
    # A number would be read as seconds since 1970, and a time as its day.
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day is written as in 2026-01-31")
    return value


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Day = Annotated[date, BeforeValidator(_written_as_day)]
"""A day of the tenant's calendar."""

Key = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]

# By reference, because a model named here would be described anew for each of them at every start.
_REFUSAL = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSALS: Any = {str(status): {"content": _REFUSAL} for status in (400, 401, 402, 403, 404, 409, 413, 422, 429)}


class WholeConverter(PathConverter):
    """The rest of the address as it stands, written `<whole:id>`: a sender's id may hold slashes anywhere."""

    regex = ".+"
    part_isolating = False


def _know_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["whole"] = WholeConverter


def blueprint(name: str, tag: str) -> APIBlueprint:
    """The blueprint of one endpoint group."""
    made = APIBlueprint(
        f"api_{name}",
        __name__,
        url_prefix=PREFIX,
        abp_tags=[Tag(name=tag)],
        abp_security=[{"key": []}],
        abp_responses=_REFUSALS,
    )
    made.record_once(_know_converter)
    return made


def listing(page: Page[Any], serialise: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """The one shape of a list."""
    return {"data": [serialise(row) for row in page.rows], "next_cursor": page.next_cursor}


def moment(value: datetime | None) -> str | None:
    """A time as the API writes it: ISO 8601 in UTC."""
    return value.isoformat().replace("+00:00", "Z") if value else None
