"""How often a key may call: told with every answer, refused above it, and still counted when Redis is away."""

from __future__ import annotations

import re

import pytest
from flask_openapi3 import OpenAPI

from app.api import rates
from app.extensions import limiter
from tests.cast import ApiClient, Cast

LEFT = re.compile(r'"burst";r=(\d+);t=(\d+), "sustained";r=(\d+);t=(\d+)')


def left(api: ApiClient) -> tuple[int, ...]:
    answer = api.get("partners")
    assert answer.headers["RateLimit-Policy"] == '"burst";q=100;w=1, "sustained";q=3000;w=60'
    found = LEFT.fullmatch(answer.headers["RateLimit"])
    assert found, answer.headers["RateLimit"]
    return tuple(map(int, found.groups()))


def test_every_answer_says_what_is_left(cast: Cast) -> None:
    api = cast.api()
    _burst, _in, first, seconds = left(api)
    assert left(api)[2] < first <= 3000 and 1 <= seconds <= 120
    assert "RateLimit" in cast.api("heed_nonsense").get("partners").headers
    assert "RateLimit" not in cast.client("alice").get("").headers


def test_each_key_has_its_own(cast: Cast) -> None:
    busy, other = cast.api(), cast.api(cast.key("read"))
    for _turn in range(20):
        busy.get("partners")
    assert left(other)[2] == 2999


def test_above_the_limit_it_is_429_with_a_time_to_come_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    api = cast.api()
    for _turn in range(400):
        answer = api.get("partners?limit=1")
        if answer.status_code == 429:
            break
    else:
        pytest.fail("never refused")
    assert answer.content_type == "application/problem+json" and int(answer.headers["Retry-After"]) >= 1
    assert '"burst";r=0' in answer.headers["RateLimit"]


def test_without_redis_each_process_counts(cast: Cast, app: OpenAPI) -> None:
    def away(*_words: object, **_more: object) -> None:
        raise ConnectionError("Redis is away")

    storage = limiter.storage
    with pytest.MonkeyPatch.context() as patch:
        for name in ("acquire_sliding_window_entry", "get_sliding_window", "get", "incr"):
            if hasattr(storage, name):
                patch.setattr(storage, name, away)
        patch.setattr(storage, "check", lambda: False)
        statuses = [cast.api().get("partners?limit=1").status_code for _turn in range(250)]
    assert statuses[0] == 200 and 429 in statuses
    limiter._storage_dead = False


def test_the_numbers_stand_in_the_document(app: OpenAPI) -> None:
    document = app.api_doc
    assert rates.WORDS in document["info"]["description"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                assert "RateLimit" in answer["headers"], (path, status)
            assert "Retry-After" in operation["responses"]["429"]["headers"]
