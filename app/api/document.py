"""The API's own description: what the groups say of themselves, completed by what holds for all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from flask_openapi3 import OpenAPI

from app.api.idempotency import LONGEST_KEY
from app.api.rates import HEADERS, RETRY_HEADER, WORDS
from app.tenants.access import access_of

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same again within 24 hours gets the first answer again, or 409 when there is none: the first "
    "request is still running, or was broken off and nobody knows whether it was done.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
}


class DocumentedApp(OpenAPI):
    """The application, whose document is completed when somebody asks for it."""

    def generate_spec_json(self) -> None:
        """Put the document together."""
        OpenAPI.generate_spec_json(self)
        complete(self.spec_json, set(_public_paths(self)))


def complete(document: dict[str, Any], public: Collection[str]) -> None:
    """Add to every operation what its group need not say: limits, their headers, idempotency, and that those at the
    `public` paths ask for no key."""
    document["info"]["description"] = WORDS
    for path, method, operation in _operations(document):
        if path in public:
            operation["security"] = []
            for status in ("401", "403"):
                operation["responses"].pop(status)
        if method == "post":
            operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
        for status, answer in operation["responses"].items():
            answer["headers"] = {**answer.get("headers", {}), **HEADERS, **(RETRY_HEADER if status == "429" else {})}


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


def _public_paths(app: OpenAPI) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        if access is not None and access.kind == "public":
            yield rule.rule
