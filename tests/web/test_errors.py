"""Error pages: the right status and words, the same bytes for every 404, and each reader's own shape."""

from __future__ import annotations

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from werkzeug.exceptions import default_exceptions

from app.extensions import limiter
from app.kernel.errors import Conflict, Forbidden, HeedError, NotFound, TooMany
from app.web.errors import WORDS, delegate_errors
from tests.web.small_app import make_app


def _refuse_with(status: int) -> object:
    if status in default_exceptions:
        abort(status, description="inside words")
    refusal = HeedError()  # the framework knows no such refusal
    refusal.status = status
    raise refusal


def _routes(app: Flask) -> None:
    def refuse(error: Exception) -> object:
        raise error

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/status/<int:status>", "status", _refuse_with)
    app.add_url_rule("/boom", "boom", lambda: refuse(ZeroDivisionError("secret")))
    app.add_url_rule("/conflict", "conflict", lambda: refuse(Conflict("The case is closed already.")))
    app.add_url_rule("/bare", "bare", lambda: refuse(Forbidden()))
    app.add_url_rule("/missing", "missing", lambda: refuse(NotFound("There is no case 7 of another tenant.")))
    app.add_url_rule("/heed-500", "heed_500", lambda: refuse(HeedError("secret")))
    app.add_url_rule("/slow", "slow", lambda: refuse(TooMany("Wait.", retry_after=7)))
    app.add_url_rule("/limited", "limited", limiter.limit("1 per minute")(lambda: "ok"))
    app.add_url_rule("/form", "form", lambda: "ok", methods=["POST"])


@pytest.fixture
def client() -> FlaskClient:
    return make_app(prepare=_routes).test_client()


@pytest.mark.parametrize("status", sorted(WORDS))
def test_each_status_has_a_page_of_its_own_words(client: FlaskClient, status: int) -> None:
    answer = client.get(f"/status/{status}")
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert str(WORDS[status].title) in answer.text
    assert "inside words" not in answer.text


def test_every_404_is_the_same_bytes_and_names_nothing(client: FlaskClient) -> None:
    pages = {
        client.get(path).data for path in ("/a", "/b/c?d=e", "/status/404", "/missing", "/<script>alert(1)</script>")
    }
    assert len(pages) == 1
    assert b"nonce" not in next(iter(pages))


def test_a_refusal_of_ours_is_told_in_its_own_words(client: FlaskClient) -> None:
    answer = client.get("/conflict")
    assert answer.status_code == 409
    assert "The case is closed already." in answer.text


def test_a_refusal_without_words_gets_those_of_its_status(client: FlaskClient) -> None:
    assert str(WORDS[403].detail) in client.get("/bare").text


@pytest.mark.parametrize("path", ["/boom", "/heed-500"])
def test_a_failure_tells_nothing_of_its_cause(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 500
    assert "secret" not in answer.text and "ZeroDivision" not in answer.text


def test_405_says_what_is_allowed(client: FlaskClient) -> None:
    answer = client.get("/form")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_429_says_when_to_come_back(client: FlaskClient) -> None:
    assert client.get("/slow").headers["Retry-After"] == "7"
    client.get("/limited")
    answer = client.get("/limited")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 61


def test_a_form_without_its_token_is_told_to_reload(client: FlaskClient) -> None:
    answer = client.post("/form")
    assert answer.status_code == 400
    assert "open for too long" in answer.text


def test_readers_of_json_get_problem_json(client: FlaskClient) -> None:
    answer = client.get("/conflict", headers={"Accept": "application/json"})
    assert answer.mimetype == "application/problem+json"
    assert answer.json == {
        "type": "about:blank",
        "title": "Somebody was faster",
        "status": 409,
        "detail": "The case is closed already.",
    }


def test_htmx_gets_a_notice_for_the_notices_of_the_page(client: FlaskClient) -> None:
    answer = client.get("/conflict", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "<html" not in answer.text and "The case is closed already." in answer.text


def test_an_address_of_another_room_keeps_its_own_error_shape() -> None:
    def prepare(app: Flask) -> None:
        delegate_errors(app, "/api/", lambda problem: ({"shape": "api", "of": type(problem).__name__}, 418))

    client = make_app(prepare=prepare).test_client()
    answer = client.get("/api/v1/nowhere")
    assert (answer.status_code, answer.json) == (418, {"shape": "api", "of": "NotFound"})
    assert client.get("/apiary").status_code == 404


def test_no_context_processor_of_another_room_can_break_an_error_page() -> None:
    def prepare(app: Flask) -> None:
        def fail() -> dict[str, object]:
            raise RuntimeError("the database is away")

        app.context_processor(fail)

    assert make_app(prepare=prepare).test_client().get("/nowhere").status_code == 404
