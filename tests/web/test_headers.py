"""Security headers: a strict policy everywhere, a nonce only where asked for, nothing kept behind the sign-in."""

from __future__ import annotations

import re

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from tests.web.small_app import make_app


def _routes(app: Flask) -> None:
    for path in ("/t/acme/cases", "/account", "/account/keys", "/accounting", "/open"):
        app.add_url_rule(path, path, lambda: "page")
    app.add_url_rule(
        "/embed",
        "embed",
        lambda: Response("page", headers={"Content-Security-Policy": "frame-ancestors https://a.example"}),
    )


def test_the_policy_allows_our_own_files_only(client: FlaskClient) -> None:
    policy = client.get("/dev/components").headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def test_the_nonce_of_the_policy_is_the_one_in_the_page_and_new_each_time(client: FlaskClient) -> None:
    seen = set()
    for _ in range(2):
        answer = client.get("/dev/components/respond")
        nonces = re.findall(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        assert len(nonces) == 2 and nonces[0] == nonces[1]
        assert f'<style nonce="{nonces[0]}">' in answer.text
        seen.add(nonces[0])
    assert len(seen) == 2


def test_every_answer_carries_the_fixed_headers(client: FlaskClient) -> None:
    for path in ("/dev/components", "/nowhere"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(("base_url", "expected"), [("https://heed.example", True), ("http://127.0.0.1:8000", False)])
def test_hsts_is_sent_only_when_the_public_address_is_https(base_url: str, expected: bool) -> None:
    assert ("Strict-Transport-Security" in make_app(base_url).test_client().get("/nowhere").headers) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/t/acme/cases", "no-store"),
        ("/account", "no-store"),
        ("/account/keys", "no-store"),
        ("/accounting", "private, no-cache"),
        ("/open", "private, no-cache"),
    ],
)
def test_pages_behind_the_sign_in_are_not_stored(path: str, expected: str) -> None:
    assert make_app(prepare=_routes).test_client().get(path).headers["Cache-Control"] == expected


def test_a_view_may_state_its_own_policy() -> None:
    answer = make_app(prepare=_routes).test_client().get("/embed")
    assert answer.headers["Content-Security-Policy"] == "frame-ancestors https://a.example"
