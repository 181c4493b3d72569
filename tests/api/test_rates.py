"""How often a key may call: told with every answer, refused above it, and still counted when Redis is away."""

from __future__ import annotations

import re
import secrets
from ipaddress import IPv6Address
from uuid import uuid4

import pytest
from flask_limiter import RequestLimit
from flask_openapi3 import OpenAPI
from limits import parse_many
from werkzeug.test import TestResponse

from app.api import rates
from app.extensions import limiter
from app.tenants.api_keys import new_key
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


def left_of(cast: Cast, header: str, path: str = "partners", address: str = "127.0.0.1") -> int:
    """What an answer to this Authorization header says is left of a minute."""
    options = {"headers": {"Authorization": header} if header else {}, "environ_base": {"REMOTE_ADDR": address}}
    answer = cast.app.test_client().get(f"/api/v1/{path}", **options)
    found = LEFT.fullmatch(answer.headers["RateLimit"])
    assert found, answer.headers["RateLimit"]
    return int(found[3])


def an_address() -> str:
    """Nobody has called from there."""
    return str(IPv6Address((0x20010DB8 << 96) + secrets.randbits(64)))


def test_a_key_has_one_count_for_all_paths_and_however_it_is_written(cast: Cast) -> None:
    headers = [f"Bearer {cast.api_key}", f"bearer {cast.api_key}", f"BEARER   {cast.api_key} "]
    asked = zip(headers * 2, ["partners", "surveys", "touchpoints"] * 2, strict=True)
    assert [left_of(cast, header, path) for header, path in asked] == [2999, 2998, 2997, 2996, 2995, 2994]


def test_who_shows_no_key_is_counted_by_address(cast: Cast) -> None:
    here, there = an_address(), an_address()
    headers = ["", "Basic YTpi", "Bearer heed_x", f"Bearer heed_{'!' * 64}"]
    assert [left_of(cast, header, address=here) for header in headers] == [2999, 2998, 2997, 2996]
    assert left_of(cast, "", address=there) == 2999


def a_made_up_key() -> dict[str, str]:
    return {"Authorization": f"Bearer {new_key(uuid4())[0]}"}


def test_an_address_from_which_many_made_up_keys_come_is_refused_for_a_while(cast: Cast) -> None:
    client, here = cast.app.test_client(), {"REMOTE_ADDR": an_address()}
    assert client.get("/api/v1/partners", headers=a_made_up_key(), environ_base=here).status_code == 401
    [limit] = parse_many(rates.REFUSALS)
    left = limiter.limiter.get_window_stats(limit, here["REMOTE_ADDR"], rates.REFUSED).remaining
    assert left == limit.amount - 1
    limiter.limiter.hit(limit, here["REMOTE_ADDR"], rates.REFUSED, cost=left)
    answer = client.get("/api/v1/partners", headers=a_made_up_key(), environ_base=here)
    assert answer.status_code == 429 and 1 <= int(answer.headers["Retry-After"]) <= 120
    assert LEFT.fullmatch(answer.headers["RateLimit"])
    there = {"REMOTE_ADDR": an_address()}
    assert client.get("/api/v1/partners", headers=a_made_up_key(), environ_base=there).status_code == 401


def use_up(api: ApiClient, patch: pytest.MonkeyPatch) -> None:
    """As if this key had sent all that it may in this minute, however long a request takes here."""
    counted: list[RequestLimit] = []
    left_of = rates._left
    patch.setattr(rates, "_left", lambda limit: counted.append(limit) or left_of(limit))
    assert api.get("partners").status_code == 200
    [sustained] = [limit for limit in counted if limit.limit.get_expiry() == 60]
    limiter.limiter.hit(sustained.limit, *sustained.request_args, cost=sustained.remaining)


def refused(api: ApiClient) -> TestResponse:
    """The refusal; as a window slides on, a few are let in before it."""
    answers = (api.get("partners") for _turn in range(200))
    return next(answer for answer in answers if answer.status_code == 429)


def test_above_the_limit_it_is_429_with_a_time_to_come_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    api = cast.api()
    use_up(api, monkeypatch)
    answer = refused(api)
    assert answer.content_type == "application/problem+json" and 1 <= int(answer.headers["Retry-After"]) <= 120
    assert '"sustained";r=0' in answer.headers["RateLimit"]
    assert cast.api(cast.key("read")).get("partners").status_code == 200


def test_without_redis_each_process_counts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "_storage_dead", True)
    monkeypatch.setattr(limiter.storage, "check", lambda: False)
    api = cast.api()
    use_up(api, monkeypatch)
    assert refused(api).headers["Retry-After"]


def test_redis_that_goes_away_in_between_costs_the_headers_only(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_words: object) -> None:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(rates, "_left", away)
    answer = cast.api().get("partners")
    assert answer.status_code == 200 and "RateLimit" not in answer.headers


def test_the_numbers_stand_in_the_document(app: OpenAPI) -> None:
    document = app.api_doc
    assert rates.WORDS in document["info"]["description"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                assert "RateLimit" in answer["headers"], (path, status)
            assert "Retry-After" in operation["responses"]["429"]["headers"]
