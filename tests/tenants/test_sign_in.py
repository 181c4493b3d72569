"""Signing in and out, the choice of tenant, and what strangers see."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from sqlalchemy.exc import OperationalError

from app.tenants.access import safe_next
from app.tenants.accounts import queries
from tests.cast import PASSWORD, Cast, PageClient
from tests.limits import forget_tries
from tests.queries import count_queries


def _sign_in(client: PageClient, email: str, password: str, **more: str) -> object:
    return client.post("/sign-in", {"email": email, "password": password, **more})


def test_the_right_password_opens_the_tenant(cast: Cast) -> None:
    client = PageClient(cast.app, cast.slug)
    answer = client.post(
        "/sign-in", {"email": cast.email("alice").upper(), "password": PASSWORD, "next": f"/t/{cast.slug}/settings/"}
    )
    assert (answer.status_code, answer.location) == (303, f"/t/{cast.slug}/settings/")


def test_wrong_password_and_unknown_address_look_the_same(cast: Cast) -> None:
    client = PageClient(cast.app, cast.slug)
    answers = [
        client.post("/sign-in", {"email": email, "password": "not the password"})
        for email in (cast.email("alice"), cast.email("nobody"))
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    known, unknown = (answer.text for answer in answers)
    assert "alice" in known and "nobody" in unknown
    assert _steady(known.replace("alice", "x")) == _steady(unknown.replace("nobody", "x"))


def test_they_take_the_same_work(cast: Cast) -> None:
    """V35: who is known is not to be told by the time that it takes either."""
    client, found = PageClient(cast.app, cast.slug), []
    for email in (cast.email("alice"), cast.email("nobody")):
        with count_queries() as statements:
            client.post("/sign-in", {"email": email, "password": "not the password"})
        found.append(statements)
    assert found[0] == found[1]
    assert sum(statement.startswith("INSERT") for statement in found[0]) == 1


def _steady(page: str) -> str:
    """A page without its CSRF tokens: they say in which second they were made."""
    return re.sub(r'(?<=name="csrf-token" content=")[^"]+|(?<=name="csrf_token" value=")[^"]+', "", page)


def test_a_megabyte_of_password_is_refused_before_it_is_hashed(cast: Cast) -> None:
    client = PageClient(cast.app, cast.slug)
    answer = client.post("/sign-in", {"email": cast.email("alice"), "password": "x" * 400_000})
    assert answer.status_code == 422


def test_what_is_no_form_is_read_as_an_empty_one(cast: Cast) -> None:
    """Else numbers and files would stand where texts are expected, and tries be counted under another address."""
    client, email = PageClient(cast.app, cast.slug), cast.email("alice")
    bodies: list[object] = [[1], {"email": 5, "password": "x"}, {"email": "\ud800"}, "x"]
    bodies.append({"email": email, "password": PASSWORD})
    for body in bodies:
        answer = client.post("/sign-in", json=body)
        assert answer.status_code == 422 and "Enter your e-mail address." in answer.text, body
        forget_tries()
    file = (BytesIO(email.encode()), "email.txt")
    answer = client.post("/sign-in", {"email": file, "password": PASSWORD}, content_type="multipart/form-data")
    assert answer.status_code == 422


@pytest.mark.parametrize("field", ["email", "password", "next"])
def test_a_form_holds_no_character_that_is_no_text(cast: Cast, field: str) -> None:
    typed = {"email": cast.email("alice"), "password": PASSWORD, "next": "/"}
    answer = PageClient(cast.app, cast.slug).post("/sign-in", typed | {field: f"{typed[field]}\0"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/account/name", "name"),
        ("/account/password", "present"),
        ("/account/passkeys", "name"),
        ("/account/verify", "next"),
        ("settings/providers", "name"),
        ("settings/sign-in", "rule"),
    ],
)
def test_nor_does_a_form_of_the_pages_inside(cast: Cast, path: str, field: str) -> None:
    """PostgreSQL cannot even be asked for it."""
    assert cast.client("alice").post(path, {field: "a\0b"}).status_code == 400


def test_a_post_without_the_csrf_token_is_refused(cast: Cast) -> None:
    answer = cast.app.test_client().post("/sign-in", data={"email": cast.email("alice"), "password": PASSWORD})
    assert answer.status_code == 400


def test_five_wrong_tries_a_minute_are_enough(cast: Cast) -> None:
    client = PageClient(cast.app, cast.slug)
    statuses = [
        client.post("/sign-in", {"email": cast.email("bob"), "password": "wrong"}).status_code for _try in range(7)
    ]
    assert statuses[:5] == [422] * 5
    assert statuses[-1] == 429


@pytest.mark.parametrize("path", ["/t/{slug}/", "/t/no-such-tenant/", "/t/{slug}/settings/", "/t/{slug}/no/such/page"])
def test_a_stranger_is_sent_to_sign_in_whether_the_tenant_exists_or_not(cast: Cast, path: str) -> None:
    answer = cast.app.test_client().get(path.format(slug=cast.slug))
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


def test_signed_in_without_membership_is_404_like_an_unknown_tenant(cast: Cast, others: Cast) -> None:
    client = others.client("charlie")
    foreign, unknown = client.get(f"/t/{cast.slug}/settings/"), client.get("/t/no-such-tenant/settings/")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.data == unknown.data


def test_a_member_without_the_role_is_403(cast: Cast) -> None:
    assert cast.client("bob").get("settings/").status_code == 403


def test_signing_out_ends_the_session(cast: Cast) -> None:
    client = cast.client("alice")
    assert client.get("settings/").status_code == 200
    assert client.post("/sign-out").status_code == 303
    assert client.get("settings/").status_code == 303


def test_a_removed_member_is_refused_at_the_next_request(cast: Cast) -> None:
    bob = cast.client("bob")
    assert bob.get("").status_code in (200, 302)
    cast.client("alice").post(f"settings/team/{cast.users['bob']}/removal")
    assert bob.get("").status_code == 404


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil",
        "",
        "///evil.example",
    ],
)
def test_next_never_leaves_the_site(cast: Cast, target: str) -> None:
    with cast.app.test_request_context():
        assert safe_next(target) == "/"


def test_the_language_of_a_person_is_remembered(cast: Cast) -> None:
    client = cast.client("alice")
    client.post("/account/language", {"locale": "zh-Hans"})
    assert 'lang="zh-Hans"' in client.get("settings/").text.replace("zh-Hans-CN", "zh-Hans")


def _after_language(page: str) -> str:
    """Where the choice of a language on this page leads."""
    found = re.search(r'class="language-choice".*?name="next" value="([^"]*)"', page, re.DOTALL)
    assert found
    return found[1]


def test_choosing_a_language_comes_back_to_the_same_page(cast: Cast) -> None:
    client, here = PageClient(cast.app, cast.slug), "/sign-in?next=/account/"
    assert _after_language(client.get(here).text) == here
    assert _after_language(client.post("/sign-in", {"email": "", "next": "/account/"}).text) == here
    refused = client.post("/sign-in/passkey", {"credential": "x", "next": "/account/"})
    assert refused.status_code == 422 and _after_language(refused.text) == here
    assert _after_language(client.get("/sign-up?x=1").text) == "/sign-up?x=1"


def test_signing_in_keeps_the_language_of_the_browser(cast: Cast) -> None:
    client = PageClient(cast.app, cast.slug)
    client.post("/account/language", {"locale": "zh-Hans"})
    client.post("/sign-in", {"email": cast.email("alice"), "password": PASSWORD})
    assert '<html lang="zh-Hans' in client.get("/account/").text


@pytest.mark.parametrize(
    ("method", "path"), [("get", "cases/"), ("post", "cases/1/notes"), ("post", "/sign-in"), ("get", "/nothing")]
)
def test_who_is_signed_in_reads_words_while_the_database_is_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    """The page that says so asks for its reader's language, and must not ask the database for it."""

    def away(*_any: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("the server is restarting"))

    bob = cast.client("bob")
    monkeypatch.setattr(queries, "find_session", away)
    answer = getattr(bob, method)(path, headers={"Accept-Language": "zh-CN,en;q=0.5"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert '<html lang="zh-Hans' in answer.text and "很快回来" in answer.text


def test_a_refusal_turns_into_these_words_too_while_the_database_is_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_any: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("the server is restarting"))

    bob = cast.client("bob")
    monkeypatch.setattr(queries, "find_session", away)
    answer = bob.post("/sign-in", headers={"X-CSRFToken": "wrong"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2") and "Back in a moment" in answer.text
