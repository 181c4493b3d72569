"""Reading what a page or its script posts: size, encoding and shape are judged here, the answers by the survey."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

from flask import request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.kernel.errors import BadRequest, Fault, Invalid
from app.surveys.design.fields import escape
from app.surveys.design.question_types.expectation import PARTS

MOST_BYTES = 256 * 1024
MOST_FIELDS = 500
SHORTEST_KEY, LONGEST_KEY = 8, 100
_MOST_REVISION = 1_000_000_000

ClientKey = Annotated[str, Field(min_length=SHORTEST_KEY, max_length=LONGEST_KEY, pattern=r"^[!-~]+$")]


class SavedAnswers(BaseModel):
    """What the script of the respond page posts, as JSON."""

    model_config = ConfigDict(strict=True, extra="forbid")

    answers: dict[str, Any]
    complete: bool = False
    revision: int | None = Field(default=None, ge=0, le=_MOST_REVISION)


class OpenAnswers(SavedAnswers):
    """The same for an open link, where the page's own key stands for the customer."""

    key: ClientKey


@dataclass(frozen=True)
class Posted:
    """One POST of a customer.

    `answers` are JSON values, or of a form the strings under each question's key. `language`: not an answer at all, but
    the wish to read the page in another language.
    """

    answers: Mapping[str, Any]
    is_form: bool
    complete: bool = True
    revision: int | None = None
    key: str | None = None
    is_trapped: bool = False
    language: str | None = None


def read_posted(shape: type[SavedAnswers] = SavedAnswers) -> Posted:
    """The POST of this request, JSON or form.

    Raises BadRequest for bytes that cannot be read, Invalid for JSON of another shape; the limit of the size is
    answered by the request itself.
    """
    request.max_content_length = MOST_BYTES
    if request.is_json:
        return _read_json(request.get_data(), shape)
    if request.mimetype == "application/x-www-form-urlencoded":
        return _read_form(_pairs(request.get_data(cache=True)))
    return _read_form(request.form.items(multi=True))


def _read_json(raw: bytes, shape: type[SavedAnswers]) -> Posted:
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON in UTF-8.") from error
    try:
        saved = shape.model_validate(body)
    except ValidationError as error:
        faults = [Fault(_pointer(fault["loc"]), fault["msg"]) for fault in error.errors(include_url=False)]
        raise Invalid("The body does not have the expected form.", faults) from None
    key = saved.key if isinstance(saved, OpenAnswers) else None
    return Posted(saved.answers, False, saved.complete, saved.revision, key)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _pointer(location: Iterable[int | str]) -> str:
    return "".join(f"/{escape(step)}" for step in location)


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise BadRequest("The form is not in UTF-8, or has too many fields.") from error


def _read_form(pairs: Iterable[tuple[str, str]]) -> Posted:
    """Keys of questions have no dots; the fields of our own have one, and so have the two numbers of an expectation."""
    answers: dict[str, list[str]] = {}
    own: dict[str, str] = {}
    for name, value in pairs:
        key, dot, part = name.partition(".")
        if dot and part not in PARTS:
            own[name] = value
        elif value:
            answers.setdefault(key, []).append(f"{part}:{value}" if dot else value)
    return Posted(
        answers,
        is_form=True,
        revision=_revision(own.get("heed.revision", "")),
        key=own.get("heed.key"),
        is_trapped=bool(own.get("heed.website")),
        language=own.get("heed.lang"),
    )


def _revision(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if is_number else None
