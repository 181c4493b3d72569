"""Nobody is signed in as somebody else by a link (V44), and who has to come through the provider finds a way to it."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

import pytest

from app.kernel import clock
from app.tenants.providers.rules import FLOW_WITHIN
from tests.cast import Cast, PageClient
from tests.fakes.oidc_server import Provider
from tests.tenants.at_provider import (
    is_in,
    key_of,
    leave,
    nobody,
    own,
    place_of,
    set_up,
    sign_in,
    through,
    written_down,
)


@pytest.mark.parametrize("key", [None, "", "guessed", "é", "None"])
def test_a_link_of_somebody_elses_sends_nobody_to_a_provider(cast: Cast, key: str | None) -> None:
    found, victim = written_down(cast), nobody(cast)
    query = {"next": f"/t/{cast.slug}/", "again": "1"} | ({} if key is None else {"key": key})
    for _turn in ("without a session", "with one"):
        answer = victim.get(f"{place_of(cast)}/{found}", query_string=query)
        assert (answer.status_code, urlsplit(answer.location).path) == (303, place_of(cast))
        assert "next=/t/" in answer.location and "again=1" in answer.location
        assert key_of(cast, victim)


def _arrive(cast: Cast, honest: Provider, found: UUID) -> PageClient:
    """A browser in which bob is signed in and a newcomer has come back from the provider."""
    bob = own(cast, "bob")
    answer = sign_in(cast, bob, found, next=f"/t/{cast.slug}/figures/")
    assert answer.status_code == 200 and cast.email("bob") in answer.text and honest.person.email in answer.text
    return bob


def _name(cast: Cast, who: PageClient) -> str:
    page = who.get("figures/").text
    return next(name for name in (cast.email("bob"), "nia.") if name in page)


@pytest.mark.usefixtures("newcomer")
def test_who_is_signed_in_stays_so_until_they_press_the_button(cast: Cast, honest: Provider) -> None:
    found = set_up(cast, honest, "viewer")
    bob = _arrive(cast, honest, found)
    assert _name(cast, bob) == cast.email("bob")
    assert place_of(cast) not in nobody(cast).get("/sign-in").text
    answer = bob.post(f"{place_of(cast)}/session")
    assert (answer.status_code, answer.location) == (303, f"/t/{cast.slug}/figures/")
    assert _name(cast, bob) == "nia." and is_in(cast, bob)
    bob.renew_token()
    assert bob.post(f"{place_of(cast)}/session").status_code == 422


@pytest.mark.usefixtures("newcomer")
def test_what_is_not_pressed_on_that_page_changes_nobody(cast: Cast, others: Cast, honest: Provider) -> None:
    found = set_up(cast, honest, "viewer")
    bob = _arrive(cast, honest, found)
    assert bob.post(f"{place_of(cast)}/session", headers={"X-CSRFToken": "forged"}).status_code == 400
    assert bob.post(f"{place_of(others)}/session").status_code == 422
    bob = _arrive(cast, honest, found)
    clock.shift(FLOW_WITHIN.total_seconds())
    assert bob.post(f"{place_of(cast)}/session").status_code == 422
    assert nobody(cast).post(f"{place_of(cast)}/session").status_code == 422


@pytest.mark.usefixtures("newcomer")
def test_who_is_unlinked_meanwhile_does_not_arrive(cast: Cast, honest: Provider) -> None:
    found = set_up(cast, honest, "viewer")
    bob = _arrive(cast, honest, found)
    assert cast.client("alice").post(f"settings/providers/{found}/removal").status_code == 303
    assert bob.post(f"{place_of(cast)}/session").status_code == 404
    assert _name(cast, bob) == cast.email("bob")


@pytest.mark.usefixtures("newcomer")
def test_a_button_pressed_before_somebody_signed_in_leads_back_to_the_page(cast: Cast, honest: Provider) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    key, back = key_of(cast, nia), through(leave(cast, nia, found))
    assert nia.get(back).status_code == 303
    answer = nia.get(f"{place_of(cast)}/{found}", query_string={"key": key})
    assert urlsplit(answer.location).path == place_of(cast)
