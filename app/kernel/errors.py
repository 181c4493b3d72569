"""The refusals every room shares: each carries the HTTP status an edge answers with, and a sentence for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an input: where (RFC 6901 pointer) and why (a sentence)."""

    pointer: str
    detail: str


class HeedError(Exception):
    """A refusal. `status` is what an edge answers, `str(error)` is what a person reads."""

    status = 500
    title = "Internal error"

    def __init__(self, detail: str = "", faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail or self.title)
        self.faults = tuple(faults)


class BadRequest(HeedError):
    """The request cannot be read at all."""

    status, title = 400, "Bad request"


class Unauthorized(HeedError):
    """No key, or a wrong one."""

    status, title = 401, "Unauthorized"


class Forbidden(HeedError):
    """A member without the role, or a key without the scope."""

    status, title = 403, "Forbidden"


class NotFound(HeedError):
    """There is no such thing for this reader: unknown, foreign and another partner's look the same."""

    status, title = 404, "Not found"


class Conflict(HeedError):
    """The thing is in a state that does not allow this; `faults` list what is missing."""

    status, title = 409, "Conflict"


class Gone(HeedError):
    """It was there and is closed or expired."""

    status, title = 410, "Gone"


class TooLarge(HeedError):
    """More than the limit that the API document states."""

    status, title = 413, "Too large"


class Invalid(HeedError):
    """Readable, but not acceptable; `faults` say what and where."""

    status, title = 422, "Invalid"


class TooMany(HeedError):
    """Too often; `retry_after` in seconds."""

    status, title = 429, "Too many requests"

    def __init__(self, detail: str = "", retry_after: int = 60) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(HeedError):
    """Something the answer needs is away for a moment; nothing was written."""

    status, title = 503, "Unavailable"
