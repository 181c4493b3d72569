"""Invitations over the API: what became of one, and the link for those who may have it."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.kernel import tokens
from app.kernel.ids import new_id
from tests.cast import Cast
from tests.factories.outreach import make_invitation


@pytest.fixture
def invitation_id(cast: Cast) -> UUID:
    with cast.scope():
        return make_invitation("ana@example.com", channel="link").id


def test_an_invitation_says_what_became_of_it(cast: Cast, invitation_id: UUID) -> None:
    before = cast.api().get(f"invitations/{invitation_id}").json
    assert (before["status"], before["sent_at"], before["expires_at"]) == ("scheduled", None, None)
    cast.run_jobs()
    after = cast.api().get(f"invitations/{invitation_id}").json
    assert (after["status"], after["channel"], after["survey"], after["version"]) == ("sent", "link", "delivery-nps", 1)
    assert after["sent_at"] and after["expires_at"] and after["purpose"] == "ask" and after["reason"] is None
    interaction = cast.api().get(f"interactions/{after['interaction']}").json
    assert after["customer"] == interaction["customer"]
    assert interaction["outreach"] == [
        {"rule": after["rule"], "decision": "sent", "reason": None, "invitation": str(invitation_id)}
    ]


def test_the_link_is_for_keys_that_may_ask(cast: Cast, invitation_id: UUID) -> None:
    link = f"http://heed.test/r/{tokens.issue('respond', cast.tenant_id, invitation_id)}"
    for key, expected in ((cast.key("outreach"), link), (cast.api_key, link), (cast.key("read", "cases"), None)):
        assert cast.api(key).get(f"invitations/{invitation_id}").json["respond_url"] == expected


def test_unknown_and_foreign_ids_look_the_same(cast: Cast, others: Cast, invitation_id: UUID) -> None:
    answers = [
        others.api().get(f"invitations/{invitation_id}"),
        cast.api().get(f"invitations/{new_id()}"),
        cast.api().get("invitations/nonsense"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert cast.api("nobody").get(f"invitations/{invitation_id}").status_code == 401
