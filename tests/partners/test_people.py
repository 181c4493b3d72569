"""The people of a partner: an admin invites and removes them on the partner's page, and nobody else does."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from app.kernel import tokens
from app.kernel.ids import new_id
from app.partners.service import put_partner
from app.tenants.joining.queries import list_invites
from app.tenants.queries import find_member_by_email
from tests.cast import PASSWORD, Cast, PageClient
from tests.limits import forget_tries


def _invite(cast: Cast, email: str, who: str = "alice", partner: str = "pats") -> TestResponse:
    return cast.client(who).post(f"partners/{partner}/people", {"email": email})


def _accept(cast: Cast, email: str) -> TestResponse:
    """Whoever was invited follows the link of their newest invitation."""
    with cast.scope():
        (invite,) = [row for row in list_invites(cast.partner_id) if row.email == email]
    client = cast.client("ana") if "ana" in cast.users else PageClient(cast.app, cast.slug)
    link = tokens.issue("join", cast.tenant_id, invite.id)
    return client.post(f"/join/{link}", {"name": "安", "password": PASSWORD})


def find(cast: Cast, email: str) -> object:
    with cast.scope():
        return find_member_by_email(email)


def test_a_person_is_invited_comes_in_and_is_removed(cast: Cast) -> None:
    forget_tries()
    alice, email = cast.client("alice"), cast.email("ana")
    assert _invite(cast, email).status_code == 303
    assert email in alice.get("partners/pats").text and find(cast, email) is None
    assert _accept(cast, email).status_code == 303
    assert "安</bdi>" in alice.get("partners/pats").text
    with cast.scope():
        found = find_member_by_email(email)
        assert found is not None and (found[0].role, found[0].partner_id) == ("partner", cast.partner_id)
        user_id = cast.users["ana"] = found[1].id
    assert cast.client("ana").get("partner/").status_code == 200
    assert alice.post(f"partners/pats/people/{user_id}/removal").status_code == 303
    assert cast.client("ana").get("partner/").status_code == 404
    # Invited again, for another partner: the person sees that one's pages from then on.
    with cast.scope():
        rival, _is_new = put_partner("rival", "Rival")
    cast.partner_id = rival.id
    assert _invite(cast, email, partner="rival").status_code == 303
    assert _accept(cast, email).status_code == 303
    assert "Rival" in cast.client("ana").get("partner/").text


@pytest.mark.parametrize(
    ("email", "words"),
    [("", "Enter an e-mail address."), ("nonsense", "This is no e-mail address"), ("x" * 400 + "@example.com", "320")],
)
def test_who_cannot_be_invited_is_explained(cast: Cast, email: str, words: str) -> None:
    answer = _invite(cast, email)
    assert answer.status_code == 422
    assert words in answer.text
    with cast.scope():
        assert list_invites(cast.partner_id) == []


def test_a_member_of_the_team_becomes_no_partners_person(cast: Cast) -> None:
    answer = _invite(cast, cast.email("bob"))
    assert answer.status_code == 422
    assert "signs in here already" in answer.text
    found = find(cast, cast.email("bob"))
    assert found is not None and found[0].role == "agent"


def test_only_who_belongs_to_the_partner_is_removed_from_it(cast: Cast) -> None:
    with cast.scope():
        put_partner("rival", "Rival")
    alice = cast.client("alice")
    for key, user_id in (("rival", cast.users["pat"]), ("pats", cast.users["bob"]), ("pats", new_id())):
        assert alice.post(f"partners/{key}/people/{user_id}/removal").status_code == 404
    assert cast.client("pat").get("partner/").status_code == 200
    assert cast.client("bob").get("cases/").status_code == 200


def test_nobody_but_an_admin_sees_or_adds_them(cast: Cast) -> None:
    for who in ("bob", "dana"):
        assert cast.email("pat") not in cast.client(who).get("partners/pats").text
    for who in ("bob", "dana", "pat"):
        assert _invite(cast, cast.email("ana"), who).status_code == 403
        path = f"partners/pats/people/{cast.users['pat']}/removal"
        assert cast.client(who).post(path).status_code == 403
    assert find(cast, cast.email("ana")) is None
