"""The one error shape of the API: application/problem+json (RFC 9457), with JSON pointers to what is wrong."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, NoReturn

from flask import Response, json
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException

from app.kernel.errors import Fault, HeedError, Invalid, TooMany


class FaultOut(BaseModel):
    """One thing that is wrong: where in the request's body, and why."""

    pointer: str = Field(examples=["/customer/identifiers/0/value"])
    detail: str


class Problem(BaseModel):
    """What went wrong, in the words of RFC 9457."""

    model_config = ConfigDict(title="Problem")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FaultOut] = []


def refuse_request(error: ValidationError) -> NoReturn:
    """Turn what the schema says of a request into Invalid, with one pointer per fault."""
    raise Invalid("The request does not have the expected form.", faults_of(error))


def faults_of(error: ValidationError, prefix: str = "") -> list[Fault]:
    """The faults of a schema, each with the RFC 6901 pointer below `prefix`."""
    return [Fault(prefix + pointer(fault["loc"]), _sentence(fault)) for fault in error.errors(include_url=False)]


def pointer(location: tuple[int | str, ...]) -> str:
    """An RFC 6901 pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _sentence(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return "Unknown field."
    return str(fault["msg"]).removeprefix("Value error, ")


def answer(problem: HeedError | HTTPException) -> Response:
    """The response to a refusal or failure below /api/."""
    if isinstance(problem, HeedError):
        status, title, detail = problem.status, problem.title, str(problem)
        faults = problem.faults
    else:
        status = problem.code or 500
        title = HTTPStatus(status).phrase
        detail, faults = problem.description or title, ()
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    errors = [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults]
    response = Response(
        json.dumps(body | {"errors": errors} if errors else body), status, mimetype="application/problem+json"
    )
    if isinstance(problem, HTTPException):
        for name, value in problem.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
    if isinstance(problem, TooMany):
        response.headers["Retry-After"] = str(problem.retry_after)
    if status == 503:
        response.headers["Retry-After"] = "2"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
