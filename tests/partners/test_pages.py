"""The pages of partners."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest

from app.partners import queries
from app.partners.models import Partner
from tests.cast import Cast
from tests.factories.journeys import make_touchpoint
from tests.factories.partners import make_partner


def find(cast: Cast, key: str) -> Partner | None:
    with cast.scope():
        return queries.find_partner_by_key(key)


def test_a_partner_is_added_and_renamed(cast: Cast) -> None:
    alice = cast.client("alice")
    assert alice.post("partners/", {"name": "Swift Parcel"}).status_code == 303
    assert "Swift Parcel" in alice.get("partners/").text
    answer = alice.post("partners/swift-parcel/edit", {"name": "Swifter"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/t/{cast.slug}/partners/swift-parcel")
    found = find(cast, "swift-parcel")
    assert found is not None and found.name == "Swifter"


def test_a_partners_page_lists_what_it_delivers(cast: Cast) -> None:
    with cast.scope():
        make_touchpoint("mine", name="Home delivery", partner="pats")
        make_touchpoint("other", name="Checkout")
    page = cast.client("dana").get("partners/pats").text
    assert "Home delivery" in page and "Checkout" not in page


def test_the_list_comes_in_pages_by_name(cast: Cast) -> None:
    with cast.scope():
        for number in range(60):
            make_partner(f"p{number:02}", f"Partner {number:02}")
    first = cast.client("bob").get("partners/").text
    assert "Partner 49" in first and "Partner 50" not in first
    cursor = first.split("cursor=")[1].split('"')[0]
    rest = cast.client("bob").get(f"partners/?cursor={cursor}").text
    assert "Partner 50" in rest and "Pat&#39;s Vans" in rest and "Partner 49" not in rest


def test_another_tenants_partner_is_not_there(cast: Cast, others: Cast) -> None:
    with others.scope():
        make_partner("theirs")
    alice = cast.client("alice")
    assert alice.get("partners/theirs").status_code == 404
    assert alice.post("partners/theirs/edit", {"name": "Mine"}).status_code == 404
    assert alice.get(f"/t/{others.slug}/partners/").status_code == 404


def test_a_partners_own_people_are_no_staff(cast: Cast) -> None:
    assert cast.client("pat").get("partners/").status_code == 403


@pytest.mark.parametrize("keys", ["nonsense", ["a"], ["a", "\0"], ["a", "\ud800"], ["a", 5], ["a", None], "ab", 7])
def test_a_bad_cursor_is_refused(cast: Cast, keys: object) -> None:
    cursor = keys if keys == "nonsense" else urlsafe_b64encode(json.dumps(keys).encode()).decode()
    assert cast.client("bob").get(f"partners/?cursor={cursor}").status_code == 422
