"""What every API request goes through: key, body, errors, document."""

from __future__ import annotations

from app import create_app  # noqa: F401
from tests.cast import Cast


def test_the_document_is_public(cast: Cast) -> None:
    answer = cast.api(key="").get("openapi.json")
    assert answer.status_code == 200 and answer.json["openapi"].startswith("3.1")


def test_an_unknown_address_is_a_problem(cast: Cast) -> None:
    answer = cast.api().get("nothing")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
