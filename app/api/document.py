"""The API's own description: what the groups say of themselves, completed by what holds for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_openapi3 import OpenAPI

from app.api.idempotency import LONGEST_KEY
from app.api.rates import HEADERS, RETRY_HEADER, WORDS

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same again within 24 hours gets the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
}


class DocumentedApp(OpenAPI):
    """The application, whose document is completed when somebody asks for it."""

    def generate_spec_json(self) -> None:
        """Put the document together."""
        super().generate_spec_json()  # type: ignore[no-untyped-call]  # the library types no result
        complete(self.spec_json)


def complete(document: dict[str, Any]) -> None:
    """Add to every operation what its group need not say: limits, their headers, idempotency."""
    document["info"]["description"] = WORDS
    for method, operation in _operations(document):
        if method == "post":
            operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
        for status, answer in operation["responses"].items():
            answer["headers"] = {**answer.get("headers", {}), **HEADERS, **(RETRY_HEADER if status == "429" else {})}


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for operations in document["paths"].values():
        yield from operations.items()
