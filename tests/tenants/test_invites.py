"""Team invites: for one address, one role, a week, once; and never more than the inviter has."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.kernel import clock, tokens
from app.kernel.db import db
from app.kernel.errors import Forbidden
from app.kernel.scope import directory_scope
from app.tenants import queries, service
from app.tenants.accounts.passwords import is_right
from app.tenants.joining.models import TeamInvite
from app.tenants.joining.service import Inviter, invite_person, send_invite_again
from app.tenants.rules import PERMISSIONS, ROLES, STAFF_ROLES, allows, may_grant
from tests import smtp
from tests.cast import PASSWORD, Cast, PageClient
from tests.limits import forget_tries
from tests.smtp import Server

NEW = {"name": "Nia", "password": "nine quiet kettles"}


@pytest.fixture
def server(cast: Cast) -> Iterator[Server]:
    forget_tries()
    with smtp.serve(cast.app) as running:
        yield running


def _address() -> str:
    return f"nia.{uuid4().hex[:10]}@kettle.example"


def _invite(cast: Cast, email: str, role: str = "agent", by: str = "alice") -> TestResponse:
    return cast.client(by).post("settings/team/invites", {"email": email, "role": role})


def _invites(cast: Cast) -> list[TeamInvite]:
    with cast.scope():
        return list(db.session.scalars(select(TeamInvite).order_by(TeamInvite.created_at)))


def _link(cast: Cast, server: Server) -> str:
    cast.run_jobs()
    found = re.search(r"https?://[^/]+(/join/\S+)", server.mails[-1].get_body(("plain",)).get_content())
    assert found is not None
    return found.group(1)


def _role(cast: Cast, email: str) -> str | None:
    with cast.scope():
        found = queries.find_member_by_email(email)
        return found[0].role if found else None


def _nobody(cast: Cast) -> PageClient:
    return PageClient(cast.app, cast.slug)


def test_somebody_new_comes_in_as_what_they_were_invited(cast: Cast, server: Server) -> None:
    email, nia = _address(), _nobody(cast)
    assert _invite(cast, email.upper(), "analyst").status_code == 303
    link = _link(cast, server)
    (mail,) = server.mails
    assert mail["To"] == email and "Tenant" in mail["Subject"]
    assert email in nia.get(link).text
    assert _role(cast, email) is None
    answer = nia.post(link, NEW)
    assert (answer.status_code, _role(cast, email)) == (303, "analyst")
    assert nia.get("figures/").status_code == 200 and nia.get("settings/").status_code == 403
    (invite,) = _invites(cast)
    assert invite.accepted_by is not None


def test_a_link_works_once(cast: Cast, server: Server) -> None:
    _invite(cast, _address())
    link = _link(cast, server)
    assert _nobody(cast).post(link, NEW).status_code == 303
    for again in (_nobody(cast).get(link), _nobody(cast).post(link, {**NEW, "password": "another password"})):
        assert again.status_code == 410


def test_of_two_at_the_same_moment_one_comes_in(cast: Cast, server: Server) -> None:
    email = _address()
    _invite(cast, email)
    link, statuses = _link(cast, server), list[int]()
    clients = [_nobody(cast) for _turn in range(4)]
    threads = [threading.Thread(target=lambda c=c: statuses.append(c.post(link, NEW).status_code)) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(303) == 1 and set(statuses) <= {303, 410, 409, 422}


def test_an_invite_forwarded_to_another_address_is_of_no_use_there(cast: Cast, others: Cast, server: Server) -> None:
    """Bob is known; whoever else holds his link has to be him."""
    _invite(cast, others.email("bob"))
    link = _link(cast, server)
    charlie = others.client("charlie")
    assert "is for" in charlie.get(link).text
    for client in (charlie, _nobody(cast)):
        assert client.post(link, NEW).status_code == 422
    assert _role(cast, others.email("bob")) is None and _role(cast, others.email("charlie")) is None
    assert others.client("bob").post(link).status_code == 303
    assert _role(cast, others.email("bob")) == "agent"


def test_somebody_known_keeps_the_password_and_both_organisations(cast: Cast, others: Cast, server: Server) -> None:
    _invite(cast, others.email("dana"), "viewer")
    dana, link = others.client("dana"), _link(cast, server)
    assert 'name="password"' not in dana.get(link).text
    dana.post(link, NEW)
    page = dana.get("/").text
    assert f"/t/{cast.slug}/" in page and f"/t/{others.slug}/" in page
    page = dana.get("/organisations").text
    assert f"/t/{cast.slug}/" in page and f"/t/{others.slug}/" in page and "/sign-up" in page
    assert 'href="/organisations"' in dana.get(f"/t/{cast.slug}/").text
    assert dana.get(f"/t/{cast.slug}/").status_code == dana.get(f"/t/{others.slug}/").status_code == 200
    with directory_scope():
        user = queries.find_user_by_email(others.email("dana"))
        assert user is not None and is_right(PASSWORD, user.password_hash)


@pytest.mark.parametrize("what", ["withdrawn", "late", "replaced", "inviter left", "inviter demoted"])
def test_a_link_dies_with_what_it_was_made_for(cast: Cast, server: Server, monkeypatch: Any, what: str) -> None:
    email = _address()
    with cast.scope():
        cast.users["ed"] = service.add_member(cast.email("ed"), "admin", PASSWORD, name="Ed")
    _invite(cast, email, by="ed")
    link = _link(cast, server)
    if what == "withdrawn":
        (invite,) = _invites(cast)
        cast.client("alice").post(f"settings/team/invites/{invite.id}/withdrawal")
    elif what == "late":
        later = clock.now() + timedelta(days=7, seconds=1)
        monkeypatch.setattr(clock, "now", lambda: later)
    elif what == "replaced":
        _invite(cast, email, "viewer")
    elif what == "inviter left":
        cast.client("alice").post(f"settings/team/{cast.users['ed']}/removal")
    else:
        cast.client("alice").post(f"settings/team/{cast.users['ed']}/role", {"role": "agent"})
    nia = _nobody(cast)
    assert nia.get(link).status_code == 410
    assert nia.post(link, NEW).status_code == 410
    assert _role(cast, email) is None


def test_sent_again_it_holds_another_week_under_the_same_link(cast: Cast, server: Server, monkeypatch: Any) -> None:
    _invite(cast, _address())
    first, (invite,) = _link(cast, server), _invites(cast)
    much_later = clock.now() + timedelta(days=6)
    with monkeypatch.context() as patch, cast.scope():
        patch.setattr(clock, "now", lambda: much_later)
        send_invite_again(Inviter(cast.users["alice"], "admin"), invite.id)
    (again,) = _invites(cast)
    assert again.expires_at == much_later + timedelta(days=7)
    assert cast.client("alice").post(f"settings/team/invites/{invite.id}/letter").status_code == 303
    assert _link(cast, server) == first


def test_what_is_over_can_be_sent_again(cast: Cast, server: Server) -> None:
    email = _address()
    _invite(cast, email)
    (invite,) = _invites(cast)
    clock.shift(8 * 24 * 3600)
    alice = cast.client("alice")
    assert alice.post(f"settings/team/invites/{invite.id}/letter").status_code == 303
    link = _link(cast, server)
    assert _nobody(cast).post(link, NEW).status_code == 303 and _role(cast, email) == "agent"
    assert alice.post(f"settings/team/invites/{invite.id}/letter").status_code == 410, "it was accepted"


def test_what_was_taken_back_is_not_sent_again(cast: Cast) -> None:
    _invite(cast, _address())
    (invite,) = _invites(cast)
    alice = cast.client("alice")
    alice.post(f"settings/team/invites/{invite.id}/withdrawal")
    assert alice.post(f"settings/team/invites/{invite.id}/letter").status_code == 410


@pytest.mark.parametrize("what", ["removal", "role"])
def test_an_invite_ends_for_good_with_the_right_of_whoever_sent_it(cast: Cast, server: Server, what: str) -> None:
    with cast.scope():
        cast.users["ed"] = service.add_member(cast.email("ed"), "admin", PASSWORD, name="Ed")
    email, kept = _address(), _address()
    _invite(cast, email, by="ed")
    link, alice = _link(cast, server), cast.client("alice")
    _invite(cast, kept)
    alice.post(f"settings/team/{cast.users['ed']}/{what}", {"role": "agent"})
    page = alice.get("settings/team").text
    assert email not in page and kept in page
    with cast.scope():
        if what == "removal":
            service.add_member(cast.email("ed"), "admin")
        else:
            service.change_role(cast.users["ed"], "admin", "admin")
    assert _nobody(cast).post(link, NEW).status_code == 410
    assert _invite(cast, email).status_code == 303, "somebody else can invite them"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"email": "x" * 400 + "@example.com"}, "email"),
        ({"email": "{alice}"}, "email"),
        ({"role": "partner"}, "role"),
        ({"role": "owner"}, "role"),
        ({"role": ""}, "role"),
    ],
)
def test_bad_input_invites_nobody(cast: Cast, form: dict[str, str], field: str) -> None:
    given = {"email": _address(), "role": "agent", **form}
    given["email"] = given["email"].replace("{alice}", cast.email("alice"))
    answer = cast.client("alice").post("settings/team/invites", given)
    assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True)
    assert _invites(cast) == []


@pytest.mark.parametrize("password", ["short", "", "x" * 129, "x" * 300_000])
def test_a_bad_password_lets_nobody_in(cast: Cast, server: Server, password: str) -> None:
    email = _address()
    _invite(cast, email)
    link = _link(cast, server)
    assert _nobody(cast).post(link, {**NEW, "password": password}).status_code == 422
    assert _role(cast, email) is None
    assert _nobody(cast).post(link, NEW).status_code == 303, "and the link still works"


@pytest.mark.parametrize("purpose", ["respond", "case", "unsubscribe", "sign up"])
def test_a_token_for_something_else_is_not_there(cast: Cast, purpose: str) -> None:
    _invite(cast, _address())
    (invite,) = _invites(cast)
    assert _nobody(cast).get(f"/join/{tokens.issue(purpose, cast.tenant_id, invite.id)}").status_code == 404
    assert _nobody(cast).get(f"/join/{tokens.issue('join', cast.tenant_id, UUID(int=5))}").status_code == 404


def test_another_tenants_invites_are_not_there(cast: Cast, others: Cast) -> None:
    _invite(cast, _address())
    (invite,) = _invites(cast)
    for act in ("letter", "withdrawal"):
        assert others.client("charlie").post(f"settings/team/invites/{invite.id}/{act}").status_code == 404
    (invite,) = _invites(cast)
    assert invite.withdrawn_at is None


@pytest.mark.parametrize("own", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_nobody_grants_what_they_lack(own: str, role: str) -> None:
    granted = [name for name, roles in PERMISSIONS.items() if role in roles]
    expected = allows(own, "settings.edit") and (role == "partner" or all(allows(own, name) for name in granted))
    assert may_grant(own, role) == expected
    assert not may_grant(own, role) or own == "admin"


@pytest.mark.parametrize("own", [role for role in STAFF_ROLES if role != "admin"])
def test_the_verb_refuses_too(cast: Cast, own: str) -> None:
    with cast.scope(), pytest.raises(Forbidden):
        invite_person(Inviter(cast.users["bob"], own), _address(), "admin", "en")


def test_the_page_says_who_is_invited(cast: Cast) -> None:
    email = _address()
    _invite(cast, email)
    assert email in cast.client("alice").get("settings/team").text
    (invite,) = _invites(cast)
    cast.client("alice").post(f"settings/team/invites/{invite.id}/withdrawal", {"next": "//evil.example"})
    assert email not in cast.client("alice").get("settings/team").text


def test_letters_to_one_address_are_few_whoever_asks(cast: Cast, others: Cast) -> None:
    email = _address()
    spellings = [email, email.upper(), email.replace("example", "\uff45xample")]
    assert [_invite(cast, spelling).status_code for spelling in spellings] == [303] * 3
    invite = next(each for each in _invites(cast) if each.withdrawn_at is None)
    again = f"settings/team/invites/{invite.id}/letter"
    assert cast.client("alice").post(again).status_code == 303
    form = {"email": email}
    assert cast.client("alice").post("partners/pats/people", form).status_code == 303
    assert cast.client("alice").post("partners/pats/people", form).status_code == 429
    assert cast.client("alice").post(again).status_code == 429
    assert _invite(others, email, by="charlie").status_code == 429
    assert _invite(cast, _address()).status_code == 303, "others are written to as before"


def test_letters_of_one_member_are_few_whomever_they_are_to(cast: Cast) -> None:
    alice = cast.client("alice")
    for turn in range(60):
        address = "settings/team/invites" if turn % 2 else "partners/pats/people"
        assert alice.post(address, {"email": _address(), "role": "agent"}).status_code == 303
    assert _invite(cast, _address()).status_code == 429
    assert alice.post("partners/pats/people", {"email": _address()}).status_code == 429
    assert len(_invites(cast)) == 60


def test_who_may_not_invite_uses_up_nobodys_letters(cast: Cast) -> None:
    email = _address()
    assert {_invite(cast, email, by="bob").status_code for _turn in range(6)} == {403}
    assert _invite(cast, email).status_code == 303


def test_buttons_lead_back_to_our_own_pages_only(cast: Cast) -> None:
    _invite(cast, _address())
    (invite,) = _invites(cast)
    answer = cast.client("alice").post(f"settings/team/invites/{invite.id}/letter", {"next": "https://evil.example/"})
    assert answer.location == "/"
