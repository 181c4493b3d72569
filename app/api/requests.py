"""Reading a request's body before any view: size, encoding and JSON are judged once, with their own statuses."""

from __future__ import annotations

import json
from typing import Any

from flask import request

from app.kernel.errors import BadRequest, Invalid, TooLarge

MOST_BYTES = 1024 * 1024
MOST_BATCH_BYTES = 8 * 1024 * 1024
_DEEPEST = 20


def read_json() -> None:
    """Parse the body of an API request, so that views and schemas find it parsed.

    Raises BadRequest for bytes that are not JSON in UTF-8, TooLarge above the limit, Invalid when it is no object.
    """
    if request.method not in ("POST", "PUT", "PATCH"):
        return
    raw = _read_bytes(MOST_BATCH_BYTES if request.path.endswith("/batch") else MOST_BYTES)
    parsed = _parse(raw) if raw else {}
    if not isinstance(parsed, dict):
        raise Invalid("The body must be a JSON object.")
    # Flask keeps what get_json() returned; putting it there makes every later reader see this one reading.
    request._cached_json = (parsed, parsed)
    request.environ["CONTENT_TYPE"] = "application/json"


def _read_bytes(most: int) -> bytes:
    request.max_content_length = most
    if (request.content_length or 0) > most:
        raise TooLarge(f"The body may have at most {most} bytes.")
    return request.get_data(cache=True)


def _parse(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8")
        parsed = json.loads(
            text, parse_constant=_refuse_constant, parse_float=_number, object_pairs_hook=_without_doubles
        )
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON in UTF-8.") from error
    _check(parsed, 0)
    return parsed


def _number(text: str) -> float | int:
    """5.0 is the whole number 5, as JSON Schema says; above 2^53 a float says nothing exact any more."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) <= 2**53 else value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # Two readers of it might read different values.
        raise Invalid("The body names a field twice.")
    return found


def _check(value: Any, depth: int) -> None:
    """Refuse what PostgreSQL or a reader could not take: NUL, lone surrogates, and nesting without end."""
    if depth > _DEEPEST:
        raise Invalid(f"The body is nested deeper than {_DEEPEST} levels.")
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise Invalid("The body holds a character that is no text (NUL or a lone surrogate).")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
