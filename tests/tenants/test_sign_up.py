"""Signing up: an address is proven, then there is an organisation, once; nobody prepares one for somebody else."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from werkzeug.test import TestResponse

from app.kernel import clock, outbox, tokens
from app.kernel.db import atomic, db
from app.kernel.outbox_model import DirectoryOutboxRow
from app.kernel.scope import directory_scope
from app.tenants import queries
from app.tenants.accounts.client import Client
from app.tenants.accounts.models import UserSession
from app.tenants.accounts.rules import PROVIDER
from app.tenants.accounts.service import Begun, sign_in_with_password
from app.tenants.joining import service
from app.tenants.joining.models import SignUp
from app.tenants.joining.queries import free_slug, get_sign_up
from app.tenants.models import Tenant, User
from tests import smtp
from tests.cast import Cast, PageClient
from tests.limits import forget_tries
from tests.smtp import Server

GOOD = {"organisation": "Blue Kettle", "locale": "en", "timezone": "America/Sao_Paulo"}
PASSWORD = "seven quiet kettles"


def check_password(email: str, password: str) -> User | None:
    """Whom this password lets in."""
    found = sign_in_with_password(email, password, Client(None, ""))
    return found.user if isinstance(found, Begun) else None


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    with directory_scope(), atomic() as session:
        session.execute(delete(DirectoryOutboxRow))
        session.execute(delete(SignUp))
    forget_tries()
    with smtp.serve(app) as running:
        yield running


@pytest.fixture
def email() -> str:
    return f"ada.{uuid4().hex[:12]}@kettle.example"


@pytest.fixture
def stranger(app: Flask) -> PageClient:
    return PageClient(app, "nowhere")


def _ask(client: PageClient, address: str, **more: str) -> TestResponse:
    return client.post("/sign-up", {**GOOD, "email": address, **more})


def _link(server: Server) -> str:
    """The path of the link in the newest letter, sent now."""
    outbox.drain_place(None, float("inf"))
    found = re.search(r"https?://[^/]+(/sign-up/\S+)", server.mails[-1].get_body(("plain",)).get_content())
    assert found is not None
    return found.group(1)


def _finish(client: PageClient, link: str, **more: str) -> TestResponse:
    return client.post(link, {"name": "Ada Kettle", "password": PASSWORD, "slug": f"k{uuid4().hex[:12]}", **more})


def _user(email: str) -> User | None:
    with directory_scope():
        return queries.find_user_by_email(email)


def test_from_the_first_page_to_the_home_of_an_organisation(stranger: PageClient, server: Server, email: str) -> None:
    assert stranger.get("/sign-up").status_code == 200
    answer = _ask(stranger, email.upper())
    assert (answer.status_code, answer.location) == (303, "/sign-up/sent")
    assert _user(email) is None, "an address that nobody has proven is nobody's"
    link = _link(server)
    page = stranger.get(link)
    assert (page.status_code, "Blue Kettle" in page.text) == (200, True)
    answer = _finish(stranger, link, slug="blue-kettle-of-ada")
    assert (answer.status_code, answer.location) == (303, "/t/blue-kettle-of-ada/start")
    assert stranger.get("/t/blue-kettle-of-ada/").status_code == 200
    with directory_scope():
        tenant = queries.get_tenant_by_slug("blue-kettle-of-ada")
        assert (tenant.name, tenant.timezone, tenant.default_locale) == ("Blue Kettle", "America/Sao_Paulo", "en")
        user = check_password(email, PASSWORD)
        assert user is not None and user.name == "Ada Kettle"


def test_the_letter_says_nothing_that_the_asker_typed(stranger: PageClient, server: Server, email: str) -> None:
    _ask(stranger, email, organisation="Win a prize of evil", locale="zh-Hans")
    _link(server)
    (mail,) = server.mails
    assert mail["To"] == email and "Heed" in mail["Subject"] and "继续" in mail["Subject"]
    assert "prize" not in mail.as_string() and "evil" not in mail.as_string()


def test_known_and_unknown_addresses_get_the_same_answer(cast: Cast, stranger: PageClient, server: Server) -> None:
    known, unknown = _ask(stranger, cast.email("alice")), _ask(stranger, cast.email("nobody"))
    assert (known.status_code, known.location, known.data) == (unknown.status_code, unknown.location, unknown.data)


def test_somebody_known_signs_in_first_and_keeps_the_password(cast: Cast, stranger: PageClient, server: Server) -> None:
    _ask(stranger, cast.email("bob"))
    link = _link(server)
    page = stranger.get(link)
    assert 'name="password"' not in page.text and "next=/sign-up/" in page.text.replace("%2F", "/")
    assert _finish(stranger, link).status_code == 422
    assert _finish(cast.client("alice"), link).status_code == 422, "somebody else's link"
    bob = cast.client("bob")
    answer = _finish(bob, link, slug=f"bobs-{cast.slug}", password="another password")
    assert answer.location == f"/t/bobs-{cast.slug}/start"
    assert bob.get(answer.location).status_code == 200
    assert bob.get("").status_code == 200, "and is still in the first one"
    with directory_scope():
        assert check_password(cast.email("bob"), "another password") is None


def test_a_link_works_once(stranger: PageClient, server: Server, email: str, app: Flask) -> None:
    _ask(stranger, email)
    link = _link(server)
    assert _finish(stranger, link).status_code == 303
    again = PageClient(app, "nowhere")
    assert again.get(link).status_code == 410
    assert _finish(again, link, password="another password").status_code == 410
    with directory_scope():
        assert check_password(email, "another password") is None


def test_of_two_at_the_same_moment_one_goes_on(stranger: PageClient, server: Server, email: str, app: Flask) -> None:
    _ask(stranger, email)
    link, statuses = _link(server), list[int]()
    clients = [PageClient(app, "nowhere") for _turn in range(4)]
    threads = [threading.Thread(target=lambda c=c: statuses.append(_finish(c, link).status_code)) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses)[0] == 303 and set(sorted(statuses)[1:]) <= {410, 422}
    with directory_scope():
        assert db.session.scalar(select(func.count()).where(User.email == email)) == 1


def test_who_sends_the_form_twice_is_led_on(cast: Cast, stranger: PageClient, server: Server, email: str) -> None:
    _ask(stranger, email)
    link, slug = _link(server), f"k{uuid4().hex[:12]}"
    assert _finish(stranger, link, slug=slug).status_code == 303
    stranger.renew_token()
    for again in (_finish(stranger, link, slug=slug), stranger.get(link)):
        assert (again.status_code, again.location) == (303, "/")
    for other in (PageClient(cast.app, "nowhere"), cast.client("alice")):
        assert {_finish(other, link, slug=slug).status_code, other.get(link).status_code} == {410}


def test_of_two_forms_of_one_person_the_second_finds_the_link_used(
    cast: Cast, stranger: PageClient, server: Server, monkeypatch: Any
) -> None:
    _ask(stranger, cast.email("bob"))
    link, bob, slug = _link(server), cast.client("bob"), f"k{uuid4().hex[:12]}"
    with directory_scope():
        asked = get_sign_up(link.rpartition("/")[2])
    assert _finish(bob, link, slug=slug).status_code == 303
    monkeypatch.setattr(service, "open_sign_up", lambda _link: asked)  # as it was before the first one was through
    again = _finish(bob, link, slug=slug)
    assert (again.status_code, again.location) == (303, "/")


def test_of_two_links_for_one_new_address_one_makes_the_log_in(
    cast: Cast, stranger: PageClient, server: Server, email: str, monkeypatch: Any
) -> None:
    links = [_ask(stranger, email) and _link(server) for _turn in range(2)]
    assert _finish(stranger, links[0]).status_code == 303
    monkeypatch.setattr(
        queries, "find_user_by_email", lambda _email: None
    )  # as it was before the first one was through
    late = _finish(PageClient(cast.app, "nowhere"), links[1], password="another password")
    assert (late.status_code, "Somebody was faster" in late.text) == (409, True)
    monkeypatch.undo()
    page = PageClient(cast.app, "nowhere").get(links[1])
    assert (page.status_code, "has a log-in already" in page.text) == (200, True), "the link is not used up"


def test_who_is_somebody_else_can_sign_out_and_comes_back(cast: Cast, stranger: PageClient, server: Server) -> None:
    _ask(stranger, cast.email("bob"))
    link = _link(server)
    page = cast.client("alice").get(link).text
    assert "this link is for" in page and cast.email("alice") in page
    assert 'action="/sign-out"' in page and f'name="next" value="{link}"' in page


def test_whom_a_provider_alone_speaks_for_proves_who_they_are(cast: Cast, stranger: PageClient, server: Server) -> None:
    _ask(stranger, cast.email("bob"))
    link, bob = _link(server), cast.client("bob")
    with directory_scope(), atomic() as session:
        mine = update(UserSession).where(UserSession.user_id == cast.users["bob"])
        session.execute(mine.values(way=PROVIDER, vouched_tenant_id=cast.tenant_id))
    page = bob.get(link).text
    assert "/account/verify?next=/sign-up/" in page and "this link is for" not in page
    assert _finish(bob, link).status_code == 422


def test_a_link_is_over_after_a_day(stranger: PageClient, server: Server, email: str, monkeypatch: Any) -> None:
    _ask(stranger, email)
    link, later = _link(server), clock.now() + timedelta(hours=24, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert stranger.get(link).status_code == 410
    assert _finish(stranger, link).status_code == 410


def test_a_late_letter_is_not_sent(stranger: PageClient, server: Server, email: str, monkeypatch: Any) -> None:
    _ask(stranger, email)
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    outbox.drain_place(None, float("inf"))
    assert server.mails == []


def test_who_never_comes_is_forgotten(stranger: PageClient, server: Server, email: str, monkeypatch: Any) -> None:
    _ask(stranger, email)
    outbox.drain_place(None, float("inf"))
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    outbox.drain_place(None, float("inf"))
    with directory_scope():
        assert db.session.scalar(select(func.count()).select_from(SignUp)) == 0


@pytest.mark.parametrize(
    "link",
    ["x", "A" * 80, "../../t/acme", tokens.__name__, "%2e%2e%2f"],
)
def test_what_is_no_link_of_ours_is_not_there(stranger: PageClient, link: str) -> None:
    assert stranger.get(f"/sign-up/{link}").status_code in (404, 308)


@pytest.mark.parametrize("purpose", ["join", "reset", "respond"])
def test_a_link_for_something_else_is_not_there(stranger: PageClient, purpose: str) -> None:
    link = tokens.issue_link(purpose, UUID(int=1), clock.now() + timedelta(hours=1), "open")
    assert stranger.get(f"/sign-up/{link}").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "no address"),
        ("email", "a@b@c.example"),
        ("email", "x" * 400 + "@example.com"),
        ("email", "a@example.com\r\nBcc: b@example.com"),
        ("organisation", ""),
        ("organisation", "   "),
        ("organisation", "x" * 201),
        ("organisation", "\u200b\u200b"),
        ("organisation", "Prizes at https://evil.example"),
        ("organisation", "WWW.evil.example"),
        ("timezone", "Mars/Olympus"),
        ("timezone", ""),
        ("locale", "xx"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    stranger: PageClient, server: Server, email: str, field: str, value: str
) -> None:
    answer = _ask(stranger, email, **{field: value})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    with directory_scope():
        assert db.session.scalar(select(func.count()).select_from(SignUp)) == 0


@pytest.mark.parametrize(
    "slug", ["api", "..", "../admin", "a/b", "UPPER", "-a", "a-", "x" * 64, "中文", "sign-in", "a b"]
)
def test_a_short_name_like_a_path_is_refused(stranger: PageClient, server: Server, email: str, slug: str) -> None:
    _ask(stranger, email)
    answer = _finish(stranger, _link(server), slug=slug)
    assert (answer.status_code, 'href="#slug"' in answer.text) == (422, True)
    assert _user(email) is None


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "api", "Sign-Up", "中文", "🙂", ".", "Ünïcödé & Söhne GmbH", "x" * 200]
)
def test_any_name_of_an_organisation_gives_a_short_name_that_works(
    stranger: PageClient, server: Server, email: str, name: str
) -> None:
    _ask(stranger, email, organisation=name)
    link = _link(server)
    found = re.search(r'name="slug"[^>]*value="([^"]+)"', stranger.get(link).text)
    assert found is not None
    answer = _finish(stranger, link, slug=found.group(1))
    assert answer.status_code == 303 and stranger.get(answer.location).status_code == 200


@pytest.mark.parametrize("taken", [1, 19, 20, 25, 98, 99])
def test_a_name_that_many_have_gives_a_short_name_too(app: Flask, monkeypatch: Any, taken: int) -> None:
    asked = list[str]()

    def some_taken(query: Any) -> list[str]:
        some = next(iter(query.compile().params.values()))
        asked.extend(some)
        return [slug for slug in some if slug in {"org", *(f"org-{number}" for number in range(2, taken + 1))}]

    monkeypatch.setattr(db.session, "scalars", some_taken)
    slug = free_slug("\u6771\u4eac")
    assert slug == f"org-{taken + 1}" if taken < 99 else re.fullmatch(r"org-[0-9a-f]{8}", slug)
    assert len(asked) == len(set(asked)), "each is asked for once"


def test_a_short_name_that_is_taken_is_said(cast: Cast, stranger: PageClient, server: Server, email: str) -> None:
    _ask(stranger, email)
    link = _link(server)
    assert 'href="#slug"' in _finish(stranger, link, slug=cast.slug).text
    assert _finish(stranger, link).status_code == 303, "and the link still works"


@pytest.mark.parametrize("password", ["short", "", "x" * 129, "x" * 400_000])
def test_a_bad_password_makes_nobody(stranger: PageClient, server: Server, email: str, password: str) -> None:
    _ask(stranger, email)
    answer = _finish(stranger, _link(server), password=password)
    assert (answer.status_code, 'href="#password"' in answer.text) == (422, True)
    assert _user(email) is None


def test_a_refusal_half_way_leaves_nothing(stranger: PageClient, server: Server, email: str, monkeypatch: Any) -> None:
    _ask(stranger, email)
    link = _link(server)

    def fail(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("killed half-way")

    monkeypatch.setattr("app.tenants.service.audit.record", fail)
    with directory_scope():
        asked = get_sign_up(link.rpartition("/")[2])
    with pytest.raises(RuntimeError):
        service.finish_sign_up(asked, f"half-{uuid4().hex[:8]}", "Ada", PASSWORD)
    monkeypatch.undo()
    assert _user(email) is None
    with directory_scope():
        assert db.session.scalar(select(func.count()).where(Tenant.slug.like("half-%"))) == 0
    assert _finish(stranger, link).status_code == 303


def test_an_address_is_counted_however_it_is_written(stranger: PageClient, server: Server, email: str) -> None:
    spellings = [email.replace("example", other) for other in ("example", "\uff45xample", "ex\u24d0mple", "EXAMPLE")]
    assert [_ask(stranger, spellings[turn % 4]).status_code for turn in range(6)] == [303] * 5 + [429]


def test_asking_is_throttled_by_address_and_by_machine(stranger: PageClient, server: Server, email: str) -> None:
    assert [_ask(stranger, email).status_code for _turn in range(7)][-1] == 429
    statuses = [_ask(stranger, f"{turn}.{email}").status_code for turn in range(25)]
    assert 429 in statuses
