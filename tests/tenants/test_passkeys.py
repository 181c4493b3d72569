"""Passkeys: made, used alone and as the second step, taken away; in the browser, and with a key that lies."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.kernel import clock
from app.kernel.scope import directory_scope
from app.tenants.accounts import queries
from app.tenants.accounts.ceremonies import Site, site
from tests.browser import assert_open_to_everybody, watched
from tests.cast import PASSWORD, Cast, PageClient
from tests.limits import forget_tries
from tests.tenants.soft_key import PRESENT, VERIFIED, SoftKey, add_passkey, asked, encode
from tests.tenants.test_sessions import change, is_in, rows, signed_in


def send(client: PageClient, credential: str, **more: str) -> int:
    status = client.post("/sign-in/passkey", {"credential": credential, **more}).status_code
    client.renew_token()
    return status


def names(cast: Cast, who: str = "alice") -> list[str]:
    with directory_scope():
        return [row.name for row in queries.list_passkeys(cast.users[who])]


def test_a_passkey_signs_in_alone(cast: Cast) -> None:
    key, client = add_passkey(cast.client("alice")), PageClient(cast.app, cast.slug)
    assert send(client, key.use(asked(client)), next="/account/") == 303
    assert is_in(client) and rows(cast)[-1].way == "passkey"


def test_the_password_alone_no_longer_does(cast: Cast) -> None:
    key, client = add_passkey(cast.client("alice")), PageClient(cast.app, cast.slug)
    answer = client.post("/sign-in", {"email": cast.email("alice"), "password": PASSWORD})
    assert answer.location == "/sign-in/second-step"
    client.renew_token()
    assert "Use a passkey" in client.get("/sign-in/second-step").text and not is_in(client)
    assert send(client, key.use(asked(client))) == 303 and is_in(client)


LIES: dict[str, dict[str, Any]] = {
    "another site": {"origin": "https://heed.evil.example"},
    "another port": {"origin": "http://localhost:8001"},
    "a key of another site": {"host": "evil.example"},
    "nobody verified": {"flags": PRESENT},
    "nobody present": {"flags": VERIFIED},
    "a challenge of nobody": {"challenge": "AAAA"},
    "no challenge": {"challenge": ""},
    "the answer to another question": {"type": "webauthn.create"},
    "somebody else's handle": {"handle": b"0123456789abcdef"},
    "a copy that counts anew": {"count": -1},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_key_that_lies_lets_nobody_in(cast: Cast, lie: str) -> None:
    key, client = add_passkey(cast.client("alice")), PageClient(cast.app, cast.slug)
    key.count = 5
    assert send(client, key.use(asked(client))) == 303
    client = PageClient(cast.app, cast.slug)
    assert send(client, key.use(asked(client), **LIES[lie])) == 422
    assert not is_in(client)


def test_an_answer_is_taken_once(cast: Cast) -> None:
    """Neither again in the same browser, nor with its cookie of before, which still holds the challenge."""
    key, client = add_passkey(cast.client("alice")), PageClient(cast.app, cast.slug)
    question = asked(client)
    cookie, token = client._client.get_cookie("heed"), client._token
    answer = key.use(question, count=0)
    assert cookie is not None and send(client, answer) == 303
    assert send(client, answer) == 422
    thief = PageClient(cast.app, cast.slug)
    thief._client.set_cookie("heed", cookie.value)
    thief._token = token
    assert send(thief, answer) == 422 and not is_in(thief)


def test_an_answer_in_another_browser_is_worth_nothing(cast: Cast) -> None:
    key, victim, thief = add_passkey(cast.client("alice")), *(PageClient(cast.app, cast.slug) for _turn in range(2))
    answer = key.use(asked(victim))
    asked(thief)
    assert send(thief, answer) == 422 and not is_in(thief)


def test_a_challenge_lasts_five_minutes(cast: Cast) -> None:
    key, client = add_passkey(cast.client("alice")), PageClient(cast.app, cast.slug)
    answer = key.use(asked(client))
    clock.shift(301)
    assert send(client, answer) == 422


def test_a_key_that_was_taken_away_lets_nobody_in(cast: Cast) -> None:
    alice = cast.client("alice")
    key, client = add_passkey(alice), PageClient(cast.app, cast.slug)
    with directory_scope():
        (row,) = queries.list_passkeys(cast.users["alice"])
    assert alice.post(f"/account/passkeys/{row.id}/removal").status_code == 303
    assert send(client, key.use(asked(client))) == 422
    assert is_in(signed_in(cast)), "without any second step the password is enough again"


def test_a_foreign_key_cannot_be_taken_away(cast: Cast, others: Cast) -> None:
    add_passkey(cast.client("alice"))
    with directory_scope():
        (row,) = queries.list_passkeys(cast.users["alice"])
    assert others.client("charlie").post(f"/account/passkeys/{row.id}/removal").status_code == 404
    assert names(cast) == ["Laptop"]


def test_a_key_belongs_to_one_person(cast: Cast, others: Cast) -> None:
    key = add_passkey(cast.client("alice"))
    charlie = others.client("charlie")
    credential = key.make(asked(charlie, "/account/passkeys/challenge"))
    answer = charlie.post("/account/passkeys", {"name": "Mine", "credential": credential})
    assert answer.status_code == 422 and names(others, "charlie") == []


@pytest.mark.parametrize(
    "lies", [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"flags": PRESENT}], ids=str
)
def test_a_key_is_made_for_this_site_and_by_its_person(cast: Cast, lies: dict[str, Any]) -> None:
    alice = cast.client("alice")
    credential = SoftKey().make(asked(alice, "/account/passkeys/challenge"), **lies)
    assert alice.post("/account/passkeys", {"name": "Laptop", "credential": credential}).status_code == 422
    assert names(cast) == []


@pytest.mark.parametrize(
    "sent", ["", "x", "[]", "null", "{}", '{"id": 1}', '{"response": 3}', "[" * 9000, "x" * 30000], ids=repr
)
def test_no_rubbish_breaks_it(cast: Cast, sent: str) -> None:
    alice, client = cast.client("alice"), PageClient(cast.app, cast.slug)
    asked(client)
    assert send(client, sent) == 422
    asked(alice, "/account/passkeys/challenge")
    assert alice.post("/account/passkeys", {"name": "Laptop", "credential": sent}).status_code == 422
    key = add_passkey(alice)
    whole = json.loads(key.use(asked(client)))
    for name in whole["response"]:
        for value in (None, 7, "", "####", {"a": 1}):
            if (name, value) == ("userHandle", None):
                continue
            broken = {**whole, "response": {**whole["response"], name: value}}
            forget_tries()
            asked(client)
            assert send(client, json.dumps(broken)) == 422, (name, value)


@pytest.mark.parametrize(("name", "status"), [("", 422), (" ", 422), ("x" * 61, 422), ("工作 <b>笔记本</b>", 201)])
def test_a_key_has_a_name(cast: Cast, name: str, status: int) -> None:
    alice = cast.client("alice")
    credential = SoftKey().make(asked(alice, "/account/passkeys/challenge"))
    assert alice.post("/account/passkeys", {"name": name, "credential": credential}).status_code == status
    assert "<b>" not in alice.get("/account/passkeys").text.replace("<bdi>", "")


def test_twenty_are_enough(cast: Cast) -> None:
    alice = cast.client("alice")
    for number in range(20):
        add_passkey(alice, f"Key {number}")
    credential = SoftKey().make(asked(alice, "/account/passkeys/challenge"))
    answer = alice.post("/account/passkeys", {"name": "One more", "credential": credential})
    assert answer.status_code == 422 and "There are 20 passkeys already." in answer.text
    assert len(names(cast)) == 20


def test_a_known_one_is_called_so(cast: Cast) -> None:
    alice = cast.client("alice")
    key = add_passkey(alice)
    again = key.make(asked(alice, "/account/passkeys/challenge"))
    answer = alice.post("/account/passkeys", {"name": "Once more", "credential": again})
    assert answer.status_code == 422 and "This passkey is known already." in answer.text


def test_a_browser_is_told_which_ones_there_are_and_how_it_reaches_them(cast: Cast) -> None:
    """So that it offers none of them anew."""
    alice, key = cast.client("alice"), SoftKey()
    made = json.loads(key.make(asked(alice, "/account/passkeys/challenge")))
    made["response"]["transports"] = ["internal", "hybrid", "telepathy"]
    alice.post("/account/passkeys", {"name": "Phone", "credential": json.dumps(made)})
    (known,) = asked(alice, "/account/passkeys/challenge")["excludeCredentials"]
    assert known == {"id": encode(key.id), "type": "public-key", "transports": ["internal", "hybrid"]}


def test_making_and_taking_away_need_a_fresh_sign_in(cast: Cast) -> None:
    alice = cast.client("alice")
    key = add_passkey(alice)
    with directory_scope():
        (row,) = queries.list_passkeys(cast.users["alice"])
    change(cast, fresh_until=clock.now() - timedelta(seconds=1))
    for path in ("/account/passkeys/challenge", "/account/passkeys", f"/account/passkeys/{row.id}/removal"):
        assert alice.post(path).location == "/account/verify?next=", path
    assert "First show once more who you are" in alice.get("/account/passkeys").text
    answer = alice.post("/account/verify/passkey", {"credential": key.use(asked(alice)), "next": "/account/passkeys"})
    assert (answer.status_code, answer.location) == (303, "/account/passkeys")
    add_passkey(alice, "Phone")
    assert names(cast) == ["Laptop", "Phone"]


def test_somebody_elses_key_is_no_proof(cast: Cast, others: Cast) -> None:
    alice, key = cast.client("alice"), add_passkey(others.client("charlie"))
    change(cast, fresh_until=clock.now() - timedelta(seconds=1))
    assert alice.post("/account/verify/passkey", {"credential": key.use(asked(alice))}).status_code == 422
    assert alice.get("/account/two-steps/app").status_code == 303


def test_a_challenge_is_the_same_for_everybody(cast: Cast) -> None:
    """It does not tell who has passkeys, nor which."""
    add_passkey(cast.client("alice"))
    question = asked(PageClient(cast.app, cast.slug))
    assert question["allowCredentials"] == [] and question["userVerification"] == "required"


def test_for_which_site_keys_are_made() -> None:
    assert site("https://heed.example", "http://10.0.0.1/x") == Site("heed.example", "https://heed.example")
    assert site("https://heed.example", "https://evil.example/x") == Site("heed.example", "https://heed.example")
    assert site("http://127.0.0.1:8000", "http://localhost:8000/x") == Site("localhost", "http://localhost:8000")


# --- in the browser ---


def _with_authenticator(page: Page, kind: str) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": kind,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.parametrize("kind", ["internal", "usb"])
def test_in_the_browser(cast: Cast, browser: Browser, address: str, kind: str) -> None:
    """Made with a platform authenticator and with a key in a socket, then used alone and after the password."""
    here = address.replace("127.0.0.1", "localhost")
    with watched(browser.new_context(locale="en-GB")) as page:
        page.goto(f"{here}/sign-in")
        _with_authenticator(page, kind)
        page.fill("[name=email]", cast.email("alice"))
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/t/**")
        page.goto(f"{here}/account/passkeys")
        page.get_by_label("Name").fill("Work laptop")
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
        assert_open_to_everybody(page)
        page.get_by_role("link", name="I have kept them").click()
        page.goto(f"{here}/account/passkeys")
        expect(page.get_by_role("cell", name="Work laptop", exact=True)).to_be_visible()
        for way in ("alone", "after the password"):
            page.locator("[popovertarget=reader]").click()
            page.get_by_role("button", name="Sign out").click()
            if way != "alone":
                page.fill("[name=email]", cast.email("alice"))
                page.fill("[name=password]", PASSWORD)
                page.get_by_role("button", name="Sign in").click()
                expect(page.get_by_role("heading", name="One more step")).to_be_visible()
                assert_open_to_everybody(page)
            page.get_by_role("button", name="Use a passkey").click()
            page.wait_for_url("**/t/**")
            page.goto(f"{here}/account/passkeys")


def test_a_browser_that_gives_up_is_told(cast: Cast, browser: Browser, address: str) -> None:
    here = address.replace("127.0.0.1", "localhost")
    with watched(browser.new_context(locale="en-GB")) as page:
        page.add_init_script(
            "navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
        )
        page.goto(f"{here}/sign-in")
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_text("Nothing came of it.")).to_be_visible()
        page.goto(f"{address}/sign-in")
        expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
