"""The search: small groups, only what the reader may see, nothing of anybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from app.customers import service as customers
from app.kernel.db import atomic, db
from app.partners.service import put_partner
from app.tenants import service
from tests.cast import PASSWORD, Cast
from tests.factories.histories import Ground, make_histories
from tests.hostile import strings
from tests.queries import count_queries


@pytest.fixture
def ground(cast: Cast) -> Iterator[Ground]:
    with cast.scope():
        made = make_histories(delivery=None, call_centre=None)
        with atomic():
            put_partner("swift", "Swift Parcel")
            ana = made.customer("Ana Delivers", ("email", "ana@example.com"))
            made.case(made.answer(made.interaction(ana), "late"))
        db.session.close()
        yield made


def _groups(cast: Cast, typed: str, who: str = "alice") -> dict[str, list[str]]:
    answer = cast.client(who).get("search", query_string={"q": typed})
    assert answer.status_code == 200, answer.text
    found = {}
    for section in re.findall(r"<section aria-labelledby=.*?</section>", answer.text, re.DOTALL):
        heading = re.search(r"<h2[^>]*>([^<]+)</h2>", section)
        assert heading
        found[heading[1]] = re.findall(r"data-key-open>.*?<bdi>([^<]*)</bdi>", section, re.DOTALL)
    return found


def test_everything_that_is_called_like_that(cast: Cast, ground: Ground) -> None:
    assert _groups(cast, "deliver") == {
        "People": ["Ana Delivers"],
        "Surveys": ["Delivery NPS"],
        "Touchpoints": ["Delivery"],
    }
    assert _groups(cast, "swift") == {"Partners": ["Swift Parcel"]}
    assert _groups(cast, "TEAM") == {"Pages": ["Team"]}


@pytest.mark.parametrize("typed", ["1", "#1", "# 1"])
def test_a_case_by_its_number(cast: Cast, ground: Ground, typed: str) -> None:
    assert _groups(cast, typed)["Cases"] == ["Case 1"]


def test_people_by_the_beginning_of_an_address(cast: Cast, ground: Ground) -> None:
    assert _groups(cast, "ana@ex") == {"People": ["Ana Delivers"]}


def test_more_people_than_fit_lead_to_the_list(cast: Cast, ground: Ground) -> None:
    with atomic():
        for number in range(8):
            ground.customer(f"Wang {number}")
    db.session.close()
    page = cast.client("bob").get("search?q=wang").text
    assert len(re.findall(r"<bdi>Wang \d</bdi>", page)) == 6
    assert f'href="/t/{cast.slug}/customers/?q=wang"' in page


def test_a_reader_finds_only_what_they_may_open(cast: Cast, ground: Ground) -> None:
    with cast.scope():
        cast.users["vera"] = service.add_member(cast.email("vera"), "viewer", PASSWORD)
    assert _groups(cast, "deliver", "vera") == {"Touchpoints": ["Delivery"]}
    assert _groups(cast, "1", "vera") == {}
    assert _groups(cast, "team", "bob") == {}
    assert cast.client("pat").get("search?q=ana").status_code == 403


def test_nothing_of_another_tenant(cast: Cast, others: Cast, ground: Ground) -> None:
    with others.scope():
        customers.find_or_create_customer([("email", "ana@example.com")], name="Foreigncanary")
        put_partner("foreign", "Foreigncanary Ltd")
    assert _groups(cast, "Foreigncanary") == {}
    assert _groups(cast, "ana@example.com") == {"People": ["Ana Delivers"]}


def test_an_empty_search_asks_nothing_of_the_database(cast: Cast, ground: Ground) -> None:
    with count_queries() as empty:
        assert _groups(cast, "  ") == {}
    with count_queries() as full:
        _groups(cast, "deliver")
    searched = ("customers", "cases", "surveys", "touchpoints", "partners")
    assert [table for table in searched if any(f"FROM {table}" in statement for statement in empty)] == []
    assert len(full) - len(empty) <= 6, full


def test_nothing_that_is_typed_breaks_the_search_or_runs(cast: Cast) -> None:
    alice = cast.client("alice")
    for text in strings():
        page = alice.get("search", query_string={"q": text.encode("utf-8", "replace").decode()})
        assert page.status_code == 200, repr(text)
        assert "<script>alert(1)" not in page.text
