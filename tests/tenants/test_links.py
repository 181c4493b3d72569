"""What letters lead to: a password in place of a forgotten one, another address; and that links die in time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import delete

from app.kernel import clock, outbox, tokens
from app.kernel.db import atomic, db
from app.kernel.outbox_model import DirectoryOutboxRow
from app.kernel.scope import directory_scope
from app.tenants import queries as people
from app.tenants.accounts import queries
from app.tenants.accounts.service import signing_in
from app.tenants.accounts.state import NEW_EMAIL, RESET, link_for
from app.tenants.models import User
from tests import smtp
from tests.cast import PASSWORD, Cast, PageClient
from tests.limits import forget_tries
from tests.queries import count_queries
from tests.smtp import Server
from tests.tenants.one_time import code_of, set_up_app
from tests.tenants.test_sessions import change, is_in, rows, signed_in

WANTED = "seven quiet kettles of tea"


@pytest.fixture(autouse=True)
def no_letters_of_others(app: Flask) -> None:
    with directory_scope(), atomic() as session:
        session.execute(delete(DirectoryOutboxRow))


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    with smtp.serve(app) as running:
        yield running


def post(server: Server, kind: str) -> list[str]:
    """Send the letters that are wanted; the links in them that lead there, oldest first."""
    outbox.drain_place(None, float("inf"))
    texts = [mail.get_body(("plain",)).get_content() for mail in server.mails]
    return re.findall(rf"http://heed\.test(/account/{kind}/\S+)", "\n".join(texts))


def nobody(cast: Cast) -> PageClient:
    return PageClient(cast.app, cast.slug)


def user(cast: Cast, name: str = "alice") -> User:
    found = db.session.get(User, cast.users[name], populate_existing=True)
    assert found is not None
    return found


def link(cast: Cast, purpose: str, name: str = "alice") -> str:
    with directory_scope():
        return link_for(purpose, user(cast, name))


def lets_in(cast: Cast, password: str, name: str = "alice") -> bool:
    forget_tries()
    data = {"email": cast.email(name), "password": password}
    return nobody(cast).post("/sign-in", data).status_code == 303


# --- a forgotten password ---


def test_a_link_sets_another_password_once_and_ends_all_sessions(cast: Cast, server: Server) -> None:
    there, client = signed_in(cast), nobody(cast)
    assert client.post("/account/reset", {"email": cast.email("alice").upper()}).location == "/account/reset/sent"
    (path,) = post(server, "reset")
    assert client.get(path).status_code == 200
    assert client.post(path, {"wanted": WANTED}).location == "/sign-in"
    assert lets_in(cast, WANTED) and not lets_in(cast, PASSWORD)
    assert not is_in(there) and not is_in(client), "nobody is signed in by it"
    assert client.post(path, {"wanted": PASSWORD}).status_code == 410 and client.get(path).status_code == 410
    post(server, "reset")
    assert "Your password was changed" in [mail["Subject"] for mail in server.mails]


def test_whether_somebody_is_known_shows_nowhere(cast: Cast, server: Server) -> None:
    found = []
    for email in (cast.email("alice"), "nobody@example.com"):
        with count_queries() as statements:
            answer = nobody(cast).post("/account/reset", {"email": email})
        found.append((answer.status_code, answer.location, answer.text, [text.split()[0] for text in statements]))
    assert found[0] == found[1]
    post(server, "reset")
    assert server.recipients == [cast.email("alice")]


def test_the_second_step_is_asked_for_as_ever(cast: Cast) -> None:
    key, _codes = set_up_app(cast.client("alice"))
    client = nobody(cast)
    assert client.post(f"/account/reset/{link(cast, RESET)}", {"wanted": WANTED}).status_code == 303
    answer = client.post("/sign-in", {"email": cast.email("alice"), "password": WANTED})
    assert answer.location == "/sign-in/second-step"
    client.renew_token()
    assert not is_in(client)
    clock.shift(60)
    assert client.post("/sign-in/second-step", {"code": code_of(key)}).status_code == 303


def test_of_two_who_open_one_link_at_once_one_sets_the_password(cast: Cast) -> None:
    path, together, came = f"/account/reset/{link(cast, RESET)}", Barrier(4), list[int]()
    clients = [nobody(cast) for _turn in range(4)]

    def run(client: PageClient, number: int) -> None:
        together.wait()
        came.append(client.post(path, {"wanted": f"{WANTED} {number}"}).status_code)

    threads = [Thread(target=run, args=(client, number)) for number, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == [303, 410, 410, 410]


def _reset_meanwhile(cast: Cast, monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
    """Let the password be reset, by somebody else, right before this function answers for the first time."""
    path, real, came = link(cast, RESET), getattr(module, name), list[int]()

    def slow(*given: object) -> object:
        if not came:
            came.append(0)
            reset = Thread(target=lambda: came.append(nobody(cast).post(f"/account/reset/{path}", _WANTED).status_code))
            reset.start()
            reset.join()
            assert came[1] == 303
        return real(*given)

    monkeypatch.setattr(module, name, slow)


_WANTED = {"wanted": WANTED}


def test_a_sign_in_with_the_old_password_does_not_outlive_a_reset(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _reset_meanwhile(cast, monkeypatch, signing_in, "is_right")
    client = nobody(cast)
    answer = client.post("/sign-in", {"email": cast.email("alice"), "password": PASSWORD})
    assert answer.status_code == 422 and rows(cast) == []


def test_nor_does_one_that_takes_the_second_step_meanwhile(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    key, _codes = set_up_app(cast.client("alice"))
    clock.shift(60)
    client = nobody(cast)
    client.post("/sign-in", {"email": cast.email("alice"), "password": PASSWORD})
    client.renew_token()
    _reset_meanwhile(cast, monkeypatch, queries, "find_user_locked")
    answer = client.post("/sign-in/second-step", {"code": code_of(key)})
    assert answer.location == "/sign-in" and not [row for row in rows(cast) if row.ended_at is None]


def test_the_tenants_name_is_known_to_a_guesser_of_the_new_one(cast: Cast) -> None:
    with directory_scope(), atomic():
        people.get_tenant_by_slug(cast.slug).name = "Lakeside Bakery"
    path = f"/account/reset/{link(cast, RESET)}"
    for wanted, status in (("LakesideBakery2026", 422), ("Lakeside geese honk at dawn", 303)):
        assert nobody(cast).post(path, {"wanted": wanted}).status_code == status, wanted


# --- links die with what they were made for ---


def _change_password(cast: Cast) -> None:
    assert cast.client("alice").post("/account/password", {"present": PASSWORD, "wanted": WANTED}).status_code == 303


def _set_up_app(cast: Cast) -> None:
    set_up_app(cast.client("alice"))


def _become(**values: object) -> Callable[[Cast], None]:
    def run(cast: Cast) -> None:
        with directory_scope(), atomic():
            for name, value in values.items():
                setattr(user(cast), name, value)

    return run


def _wait(cast: Cast) -> None:
    clock.shift(3600)


DEATHS: dict[str, Callable[[Cast], None]] = {
    "the password": _change_password,
    "the second step": _set_up_app,
    "the address": lambda cast: _become(email=f"other@{cast.slug}.example")(cast),
    "another wish": _become(new_email="third@example.com"),
    "deactivation": _become(is_active=False),
    "an hour": _wait,
}


@pytest.mark.parametrize("purpose", [RESET, NEW_EMAIL])
@pytest.mark.parametrize("death", DEATHS)
def test_a_link_dies_with(cast: Cast, death: str, purpose: str) -> None:
    """V03."""
    _become(new_email=f"new@{cast.slug}.example")(cast)
    path = f"/account/{'reset' if purpose == RESET else 'email'}/{link(cast, purpose)}"
    alice = cast.client("alice")
    assert alice.get(path).status_code == 200
    DEATHS[death](cast)
    assert alice.get(path).status_code in ((410,) if purpose == RESET else (410, 303))
    assert nobody(cast).post(path, {"wanted": WANTED}).status_code in ((410,) if purpose == RESET else (410, 303))
    with directory_scope():
        assert user(cast).email != f"new@{cast.slug}.example"


def test_no_token_opens_what_another_was_made_for(cast: Cast) -> None:
    """V01, V02: each kind presented where each other is wanted, and each of them bent."""
    alice = cast.users["alice"]
    kinds = {
        "/account/reset/": link(cast, RESET),
        "/account/email/": link(cast, NEW_EMAIL),
        "/sign-up/": tokens.issue_link("sign up", alice, clock.now() + timedelta(hours=1), "x"),
        "/r/": tokens.issue("respond", cast.tenant_id, alice),
        "/u/": tokens.issue("unsubscribe", cast.tenant_id, alice),
        "/c/": tokens.issue("case", cast.tenant_id, alice),
    }
    client = cast.client("alice")
    for path in ("/account/reset/", "/account/email/"):
        own = kinds[path]
        wrong = [token for kind, token in kinds.items() if kind != path]
        wrong += [own[:-1], own + "A", own[:-2] + ("AA" if own[-2:] != "AA" else "BB"), own.swapcase(), "", "A" * 80]
        wrong += ["eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", own[:40] + "%00" + own[40:], "é" * 80]
        for token in wrong:
            for answer in (client.get(path + token), client.post(path + token, {"wanted": WANTED})):
                assert answer.status_code in (404, 405, 308), (path, token)
    with directory_scope():
        assert user(cast).new_email is None
    assert lets_in(cast, PASSWORD)


# --- another address ---


def test_an_address_takes_the_place_of_the_old_once_it_is_confirmed(cast: Cast, server: Server) -> None:
    new, alice = f"alice.new@{cast.slug}.example", cast.client("alice")
    assert alice.post("/account/email", {"email": new.upper()}).status_code == 303
    (path,) = post(server, "email")
    told = dict(zip(server.recipients, [mail["Subject"] for mail in server.mails], strict=True))
    assert told == {new: "Confirm this address for Heed", cast.email("alice"): "Your address is about to change"}
    assert lets_in(cast, PASSWORD)
    assert new in alice.get(path).text
    assert alice.post(path).status_code == 303
    assert not lets_in(cast, PASSWORD), "the old address lets in no more"
    assert nobody(cast).post("/sign-in", {"email": new, "password": PASSWORD}).status_code == 303
    assert alice.post(path).status_code == 410


def test_it_needs_a_fresh_sign_in(cast: Cast) -> None:
    alice = cast.client("alice")
    change(cast, fresh_until=clock.now())
    assert alice.post("/account/email", {"email": "a@example.com"}).location == "/account/verify?next="


def test_whoever_opens_a_strangers_link_confirms_nothing(cast: Cast, others: Cast) -> None:
    """A mistyped address is somebody's: they must not come by the account."""
    _become(new_email="new@example.com")(cast)
    path = f"/account/email/{link(cast, NEW_EMAIL)}"
    assert nobody(cast).post(path).location[:8] == "/sign-in"
    assert others.client("charlie").post(path).status_code == 410
    with directory_scope():
        assert user(cast).email == cast.email("alice")


def test_an_address_that_somebody_has_is_not_told_and_not_taken(cast: Cast, others: Cast, server: Server) -> None:
    alice = cast.client("alice")
    answers = [alice.post("/account/email", {"email": email}) for email in (others.email("charlie"), "z@example.com")]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/account/")] * 2
    _become(new_email=others.email("charlie"))(cast)
    assert alice.post(f"/account/email/{link(cast, NEW_EMAIL)}").status_code == 410
    post(server, "email")
    assert others.email("charlie") not in server.recipients
    with directory_scope():
        assert user(cast).email == cast.email("alice")


@pytest.mark.parametrize("typed", ["", "x", "a@b@c", "x" * 400 + "@example.com", "a\r\nBcc: b@example.com"])
def test_what_is_no_address_is_refused(cast: Cast, typed: str) -> None:
    assert cast.client("alice").post("/account/email", {"email": typed}).status_code == 422
    assert nobody(cast).post("/account/reset", {"email": typed}).status_code in (303, 422)


def test_word_goes_out_that_a_recovery_code_was_used_and_how_many_are_left(cast: Cast, server: Server) -> None:
    _key, codes = set_up_app(cast.client("alice"))
    post(server, "x")
    server.mails.clear()
    client = nobody(cast)
    client.post("/sign-in", {"email": cast.email("alice"), "password": PASSWORD})
    client.renew_token()
    assert client.post("/sign-in/second-step", {"code": codes[0]}).status_code == 303
    post(server, "x")
    (mail,) = server.mails
    assert (
        mail["Subject"] == "A recovery code was used" and "9 codes are left." in mail.get_body(("plain",)).get_content()
    )


def test_word_of_a_change_goes_to_the_person(cast: Cast, server: Server) -> None:
    alice = cast.client("alice")
    set_up_app(alice)
    alice.post("/account/two-steps/codes")
    alice.post("/account/two-steps/app/removal")
    post(server, "x")
    assert sorted(mail["Subject"] for mail in server.mails) == [
        "A second step was added",
        "A second step was taken away",
        "You have new recovery codes",
    ]
    assert set(server.recipients) == {cast.email("alice")}
