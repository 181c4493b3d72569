"""Names that people give themselves and their organisation: readable, and no link in letters to others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from app.kernel import clock, outbox
from app.kernel.db import atomic
from app.kernel.naming import holds_web_address
from app.kernel.outbox_model import DirectoryOutboxRow
from app.kernel.scope import directory_scope
from app.tenants import queries
from app.tenants.forms import SettingsForm
from app.tenants.joining.service import Inviter, invite_person
from app.tenants.models import Tenant, User
from tests import smtp
from tests.cast import Cast, PageClient
from tests.smtp import Server

PASSWORD = "nine quiet kettles"
LINKS = [
    *("https://evil.example", "www.evil.example", "evil.example", "evil.example/prize", "x.co/prize", "10.0.0.1/prize"),
    *("Win at evil.example now", "EVIL.EXAMPLE", "e-l.example", "evil.xn--p1ai", "evil.рф", "nia@evil.example"),
    *("evil\uff0eexample", "\uff45vil.example", "evil.ex\u24d0mple", "evil.example:80/x", "a.b.evil.example"),
]
PLAIN = [
    *(
        "St. Gallen",
        "Acme Inc.",
        "J.P. Morgan",
        "J.P.Morgan",
        "E.ON",
        "Dr. Oetker",
        "B.Sc. Nia",
        "Ph.D",
        "Web2.0",
        "A/S",
    ),
    *(
        "O'Neil & Co. KG",
        "Dipl.-Ing. Max",
        "王小明",
        "你好。世界",
        "Ünïcödé & Söhne GmbH",
        "Vol.2",
        "10.5",
        "..",
        "C/O U.S.",
    ),
]
UNREADABLE = [" ", "\u200b", "a\x1bb", "\u2028"]  # a NUL is refused for whatever form it stands in


@pytest.fixture
def server(cast: Cast) -> Iterator[Server]:
    with directory_scope(), atomic() as session:
        session.execute(delete(DirectoryOutboxRow))
    with smtp.serve(cast.app) as running:
        yield running


def _stranger(cast: Cast) -> PageClient:
    return PageClient(cast.app, "nowhere")


def _address() -> str:
    return f"nia.{uuid4().hex[:10]}@kettle.example"


def _name_of(email: str) -> str | None:
    with directory_scope():
        found = queries.find_user_by_email(email)
        return found.name if found else None


def _newest_link(server: Server) -> str:
    found = re.search(r"https?://[^/]+(/(?:join|sign-up)/\S+)", server.mails[-1].get_body(("plain",)).get_content())
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize("name", LINKS)
def test_what_a_mail_program_makes_a_link_of(name: str) -> None:
    assert holds_web_address(name)


@pytest.mark.parametrize("name", PLAIN)
def test_what_only_has_dots(name: str) -> None:
    assert not holds_web_address(name)


@pytest.mark.parametrize("name", [LINKS[3], *UNREADABLE])
def test_who_joins_has_a_name_that_is_one(cast: Cast, server: Server, name: str) -> None:
    email = _address()
    cast.client("alice").post("settings/team/invites", {"email": email, "role": "agent"})
    cast.run_jobs()
    link = _newest_link(server)
    answer = _stranger(cast).post(link, {"name": name, "password": PASSWORD})
    assert (answer.status_code, 'href="#name"' in answer.text, _name_of(email)) == (422, True, None)
    assert _stranger(cast).post(link, {"name": " Nia  E.ON ", "password": PASSWORD}).status_code == 303
    assert _name_of(email) == "Nia E.ON"


@pytest.mark.parametrize("name", [LINKS[3], *UNREADABLE])
def test_who_signs_up_has_a_name_that_is_one(cast: Cast, server: Server, name: str) -> None:
    email, stranger = _address(), _stranger(cast)
    stranger.post("/sign-up", {"email": email, "organisation": "Kettle", "locale": "en", "timezone": "UTC"})
    outbox.drain_place(None, float("inf"))
    given = {"name": name, "password": PASSWORD, "slug": f"k{uuid4().hex[:12]}"}
    answer = stranger.post(_newest_link(server), given)
    assert (answer.status_code, 'href="#name"' in answer.text, _name_of(email)) == (422, True, None)


@pytest.mark.parametrize("name", [LINKS[3], *UNREADABLE, "x" * 201])
def test_who_is_called_something_else_has_a_name_that_is_one(cast: Cast, name: str) -> None:
    answer = cast.client("bob").post("/account/name", {"name": name})
    assert answer.status_code == 422 and 'id="name"' in answer.text
    assert _name_of(cast.email("bob")) == "Bob"


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_key_has_a_name_that_is_one(cast: Cast, name: str) -> None:
    alice, form = cast.client("alice"), {"scopes": ["read"], "days": "90"}
    answer = alice.post("settings/keys/", {**form, "name": name})
    assert (answer.status_code, 'href="#name"' in answer.text) == (422, True)
    assert alice.post("settings/keys/", {**form, "name": " The  shop "}).status_code == 201
    with cast.scope():
        assert {listed.key.name for listed in queries.list_api_keys()} == {"Made with the tenant", "The shop"}


@pytest.mark.parametrize("name", UNREADABLE[1:3])
def test_mails_come_from_a_name_that_is_one(cast: Cast, name: str) -> None:
    with cast.scope():
        form = SettingsForm(formdata=None, obj=queries.settings())
    alice, given = cast.client("alice"), {**form.data, "north_star": "first"}
    answer = alice.post("settings/", {**given, "sender_name": name})
    assert (answer.status_code, 'href="#sender_name"' in answer.text) == (422, True)
    assert alice.post("settings/", {**given, "sender_name": " Blue  Kettle "}).status_code == 303
    with cast.scope():
        assert queries.settings().sender_name == "Blue Kettle"


@pytest.mark.parametrize("referrer", ["http://[", "http://[::1/x", "http://a\u2100b/"])
def test_a_page_that_cannot_be_read_leads_to_the_first_one(cast: Cast, referrer: str) -> None:
    alice, headers = cast.client("alice"), {"Referer": referrer}
    answer = alice.post("/account/language", {"locale": "en"}, headers=headers)
    assert (answer.status_code, answer.location) == (303, "/")
    clock.shift(24 * 3600)
    form = {"name": "A", "scopes": ["read"], "days": "90"}
    assert alice.post("settings/keys/", form, headers=headers).status_code == 303


def test_the_language_leads_back_to_the_page_as_it_was(cast: Cast) -> None:
    headers = {"Referer": "http://heed.test/sign-in?next=/organisations"}
    answer = cast.client("alice").post("/account/language", {"locale": "en"}, headers=headers)
    assert answer.location == "/sign-in?next=/organisations"


def test_an_organisation_that_would_be_a_link_is_refused(cast: Cast) -> None:
    given = {"email": _address(), "organisation": "evil.example/prize", "locale": "en", "timezone": "UTC"}
    answer = _stranger(cast).post("/sign-up", given)
    assert (answer.status_code, 'href="#organisation"' in answer.text) == (422, True)


def test_an_organisation_may_be_called_after_its_site_and_is_no_link(cast: Cast, server: Server) -> None:
    given = {"email": _address(), "organisation": "Kettle.example", "locale": "en", "timezone": "UTC"}
    assert _stranger(cast).post("/sign-up", given).status_code == 303
    with cast.scope(), atomic() as session:
        session.execute(update(Tenant).where(Tenant.id == cast.tenant_id).values(name="Kettle.example"))
    with cast.scope():
        invite_person(Inviter(cast.users["alice"], "admin"), _address(), "agent", "en")
    cast.run_jobs()
    mail = server.mails[-1]
    told = mail["Subject"] + mail.get_body(("plain",)).get_content()
    assert told.count("Kettle.\u2060example") >= 2 and "Kettle.example" not in told


def test_a_name_that_came_from_elsewhere_makes_no_link_in_a_letter(cast: Cast, server: Server) -> None:
    with directory_scope(), atomic() as session:
        session.execute(update(User).where(User.id == cast.users["alice"]).values(name="Win at evil.example/prize"))
    with cast.scope():
        invite_person(Inviter(cast.users["alice"], "admin"), _address(), "agent", "en")
    cast.run_jobs()
    (mail,) = server.mails
    assert "prize" not in mail.as_string() and cast.email("alice") in mail["Subject"]
