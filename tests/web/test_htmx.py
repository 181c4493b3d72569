"""Fragments, redirects and conditional answers."""

from __future__ import annotations

import pytest
from flask import Flask, g, render_template_string, request
from jinja2 import DictLoader

from app.web.htmx import conditional, is_htmx, redirect_to, render


@pytest.fixture
def app() -> Flask:
    app = Flask("htmx")
    app.config["SECRET_KEY"] = "a" * 32
    app.jinja_loader = DictLoader({"page.html": "page {{ x }}", "_part.html": "part {{ x }}"})
    return app


HTMX = {"HX-Request": "true"}
BACK = {**HTMX, "HX-History-Restore-Request": "true"}


@pytest.mark.parametrize(("headers", "expected"), [(HTMX, True), ({}, False), (BACK, False)])
def test_only_a_request_for_a_fragment_counts_as_htmx(app: Flask, headers: dict[str, str], expected: bool) -> None:
    with app.test_request_context(headers=headers):
        assert is_htmx(request) is expected


@pytest.mark.parametrize(("headers", "text"), [(HTMX, "part 7"), ({}, "page 7"), (BACK, "page 7")])
def test_render_answers_with_the_fragment_or_the_page(app: Flask, headers: dict[str, str], text: str) -> None:
    with app.test_request_context(headers=headers):
        answer = render("page.html", "_part.html", status_code=422, x=7)
    assert (answer.get_data(as_text=True), answer.status_code) == (text, 422)
    assert "HX-Request" in answer.headers["Vary"]


def test_render_without_a_fragment_answers_with_the_page(app: Flask) -> None:
    with app.test_request_context(headers=HTMX):
        assert render("page.html", x=7).get_data(as_text=True) == "page 7"


def test_a_poll_that_has_it_already_gets_304(app: Flask) -> None:
    with app.test_request_context():
        first = conditional("rows")
    assert first.status_code == 200
    with app.test_request_context(headers={"If-None-Match": first.headers["ETag"]}):
        again, changed = conditional("rows"), conditional("other rows")
    assert again.status_code == 304
    assert changed.status_code == 200 and changed.headers["ETag"] != first.headers["ETag"]


def test_a_new_token_or_nonce_alone_is_no_change(app: Flask) -> None:
    etags = set()
    for token, nonce in (("t1", "n1"), ("t2", "n2")):
        with app.test_request_context():
            g.csrf_token, g.csp_nonce = token, nonce
            etags.add(
                conditional(render_template_string("<i>{{ g.csrf_token }} {{ g.csp_nonce }}</i>")).headers["ETag"]
            )
    assert len(etags) == 1


def test_a_redirect_reaches_htmx_as_a_header(app: Flask) -> None:
    with app.test_request_context(headers=HTMX):
        assert (redirect_to("/there").status_code, redirect_to("/there").headers["HX-Redirect"]) == (204, "/there")
    with app.test_request_context():
        assert (redirect_to("/there").status_code, redirect_to("/there").headers["Location"]) == (303, "/there")
