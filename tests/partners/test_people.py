"""The people of a partner: an admin adds and removes them on the partner's page, and nobody else does."""

from __future__ import annotations

import pytest

from app.kernel.ids import new_id
from app.partners.service import put_partner
from app.tenants.queries import find_member_by_email
from tests.cast import PASSWORD, Cast


def new(cast: Cast, **more: str) -> dict[str, str]:
    """The form of somebody whom nobody knows yet."""
    return {"email": cast.email("ana"), "name": "安", "password": PASSWORD, **more}


def find(cast: Cast, email: str) -> object:
    with cast.scope():
        return find_member_by_email(email)


def test_a_person_is_added_removed_and_added_again(cast: Cast) -> None:
    alice = cast.client("alice")
    assert alice.post("partners/pats/people", new(cast)).status_code == 303
    page = alice.get("partners/pats").text
    assert "安</bdi>" in page and cast.email("ana") in page
    with cast.scope():
        found = find_member_by_email(cast.email("ana"))
        assert found is not None and (found[0].role, found[0].partner_id) == ("partner", cast.partner_id)
        user_id = cast.users["ana"] = found[1].id
    # Removed and added again, for another partner: the person sees that one's pages from then on.
    assert cast.client("ana").get("partner/").status_code == 200
    assert alice.post(f"partners/pats/people/{user_id}/removal").status_code == 303
    assert cast.client("ana").get("partner/").status_code == 404
    with cast.scope():
        put_partner("rival", "Rival")
    assert alice.post("partners/rival/people", {"email": cast.email("ana")}).status_code == 303
    assert "Rival" in cast.client("ana").get("partner/").text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"email": ""}, "Enter an e-mail address."),
        ({"email": "nonsense"}, "This is not an e-mail address."),
        ({"email": "x" * 400 + "@example.com"}, "320"),
        ({"password": ""}, "needs a first password"),
        ({"password": "short"}, "12"),
        ({"name": "x" * 201}, "200"),
    ],
)
def test_who_cannot_be_added_is_explained(cast: Cast, form: dict[str, str], words: str) -> None:
    answer = cast.client("alice").post("partners/pats/people", new(cast, **form))
    assert answer.status_code == 422
    assert words in answer.text
    assert find(cast, cast.email("ana")) is None


def test_a_member_of_the_team_becomes_no_partners_person(cast: Cast) -> None:
    answer = cast.client("alice").post("partners/pats/people", {"email": cast.email("bob")})
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
        assert cast.client(who).post("partners/pats/people", new(cast)).status_code == 403
        path = f"partners/pats/people/{cast.users['pat']}/removal"
        assert cast.client(who).post(path).status_code == 403
    assert find(cast, cast.email("ana")) is None
