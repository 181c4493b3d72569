"""What Flask-Security does not do here: no page, token or header of its own lets in, and no page pays for it."""

from __future__ import annotations

import pytest
from flask import g
from flask_security.utils import parse_auth_token

from app.kernel.db import atomic, db
from app.kernel.scope import directory_scope
from app.tenants.access import safe_next
from app.tenants.accounts.security import security
from app.tenants.models import Membership
from app.tenants.sessions import load_person
from tests.cast import PASSWORD, Cast, PageClient
from tests.queries import count_queries
from tests.tenants.one_time import code_of, set_up_app
from tests.tenants.soft_key import add_passkey, asked
from tests.tenants.test_sessions import is_in, signed_in


def test_it_brings_no_address(cast: Cast) -> None:
    assert [rule.endpoint for rule in cast.app.url_map.iter_rules() if rule.endpoint.startswith("security")] == []
    assert not {"users", "roles"} & set(cast.app.cli.commands)
    client = PageClient(cast.app, "")
    assert [client.get(path).status_code for path in ("/login", "/register", "/reset", "/tf-setup")] == [404] * 4


def test_no_token_of_its_own_lets_in_or_is_even_looked_for(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = cast.client("alice")
    with client._client.session_transaction() as stored:
        secret = stored["_user_id"]
    with cast.app.test_request_context():
        with directory_scope():
            person = load_person(secret)
        assert person is not None
        token = security.remember_token_serializer.dumps({"ver": "5", "uid": secret, "exp": 0})
        assert parse_auth_token(token)["uid"] == secret, "the library would take it"
    read = list[str]()
    monkeypatch.setattr("flask_security.core.parse_auth_token", read.append)
    stranger = cast.app.test_client()
    for answer in (
        stranger.get(f"/account/?auth_token={token}"),
        stranger.get("/account/", headers={"Authentication-Token": token}),
        stranger.get("/account/", json={"auth_token": token}),
    ):
        assert (answer.status_code, answer.location[:8]) == (303, "/sign-in")
    assert read == []


def test_a_page_of_nobody_is_asked_for_no_person_and_given_no_cookie(cast: Cast) -> None:
    for path in ("/health/live", "/sign-in", "/no/such/page"):
        with count_queries() as statements:
            cast.app.test_client().get(path)
        assert not [text for text in statements if "users" in text], path
    assert "Set-Cookie" not in cast.app.test_client().get("/health/live").headers


def test_finding_the_person_takes_one_statement(cast: Cast) -> None:
    client = cast.client("alice")
    client.get("/account/password")
    with count_queries() as statements:
        client.get("/account/password")
    assert len(statements) == 1 and "user_sessions" in statements[0] and "users" in statements[0]


def test_it_keeps_no_identity_of_anybody(cast: Cast) -> None:
    with cast.app.test_request_context("/sign-in"):
        cast.app.preprocess_request()
        assert g.identity.id is None
        cast.app.do_teardown_request()


def test_a_role_that_was_taken_away_is_gone_at_the_next_request(cast: Cast) -> None:
    """V40."""
    bob = cast.client("bob")
    assert bob.get("cases/").status_code == 200
    with cast.scope(), atomic():
        db.session.query(Membership).filter_by(user_id=cast.users["bob"]).one().role = "viewer"
    assert bob.get("cases/").status_code == 403 and is_in(bob)


ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%0a/evil.example\r\nX: y",
    " //evil.example",
    "https://evil.example",
    "https:evil.example",
    "http:/\\evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/x\x7f",
    "/x\\..\\..//evil.example",
    "evil",
    "?next=//evil.example",
    "#",
    "",
]


@pytest.mark.parametrize("target", ELSEWHERE, ids=repr)
def test_no_way_leads_elsewhere(cast: Cast, target: str) -> None:
    """V3.7: every place that takes a `next` leads home with it."""
    with cast.app.test_request_context():
        assert safe_next(target) == "/"
    alice = cast.client("alice")
    app_key, _codes = set_up_app(alice)
    key = add_passkey(alice)
    proof = {"credential": key.use(asked(alice)), "next": target}
    assert alice.post("/account/verify/passkey", proof).location == "/"
    nobody = PageClient(cast.app, cast.slug)
    assert nobody.post("/sign-in/passkey", {**proof, "credential": key.use(asked(nobody))}).location == "/"
    bob = PageClient(cast.app, cast.slug)
    assert bob.post("/sign-in", {"email": cast.email("bob"), "password": PASSWORD, "next": target}).location == "/"
    bob.renew_token()
    assert bob.post("/account/verify", {"password": PASSWORD, "next": target}).location == "/"
    assert bob.get("/sign-in", query_string={"next": target}).location == "/"
    assert bob.post("/account/language", {"locale": "en", "next": target}).location == "/"
    half = PageClient(cast.app, cast.slug)
    half.post("/sign-in", {"email": cast.email("alice"), "password": PASSWORD, "next": target})
    half.renew_token()
    answer = half.post("/sign-in/second-step", {"code": code_of(app_key, 1), "next": target})
    assert (answer.status_code, answer.location) == (303, "/")


def test_signing_in_leads_to_where_one_wanted(cast: Cast) -> None:
    client = signed_in(cast)
    assert client.get("/sign-in?next=/t/x/cases/%3Fq%3D1").location == "/t/x/cases/?q=1"
