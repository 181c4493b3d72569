"""Nobody is signed in as somebody else by a link (V44), and who has to come through the provider finds a way to it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from sqlalchemy import update

from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.errors import Conflict
from app.kernel.scope import directory_scope
from app.tenants import queries, service
from app.tenants.accounts.client import Client
from app.tenants.accounts.service import Vouched, begin_session
from app.tenants.providers import service as providers
from app.tenants.providers.models import IdentityProvider
from app.tenants.providers.queries import list_providers
from app.tenants.providers.rules import FLOW_WITHIN
from app.tenants.providers.service import ProviderInput
from tests.cast import PASSWORD, Cast, PageClient
from tests.fakes.oidc_server import Person, Provider
from tests.tenants.at_provider import (
    ask_for,
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
from tests.threads import at_once


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


def _rule(cast: Cast) -> str:
    with directory_scope():
        return queries.get_tenant_by_slug(cast.slug).sign_in_rule


def test_a_provider_that_everybody_needs_stays_ready(cast: Cast) -> None:
    ready, unready = written_down(cast), written_down(cast, is_ready=False)
    ask_for(cast, "provider")
    emptied = ProviderInput("Acme ID", "", "", "acme.example", None)
    with cast.scope():
        with pytest.raises(Conflict):
            providers.remove_provider(ready)
        with pytest.raises(Conflict):
            providers.change_provider(ready, emptied)
        providers.remove_provider(unready)
        providers.change_provider(ready, ProviderInput("Acme", "other", "", "acme.example", None))
        assert [(row.name, row.is_ready) for row in list_providers()] == [("Acme", True)]
    ask_for(cast, "any")
    with cast.scope():
        providers.change_provider(ready, emptied)


def test_a_rule_that_nobody_could_keep_is_not_set(cast: Cast) -> None:
    written_down(cast, is_ready=False)
    with cast.scope(), pytest.raises(Conflict):
        service.set_sign_in_rule("provider")
    assert _rule(cast) == "any"


def test_the_page_says_why_a_rule_cannot_be_set(cast: Cast, honest: Provider) -> None:
    found = set_up(cast, honest, "viewer", f"{cast.slug}.example")
    honest.person = Person(email=cast.email("alice"))
    alice = own(cast, "alice")
    assert sign_in(cast, alice, found).status_code == 303
    with cast.scope():
        providers.change_provider(found, ProviderInput("Acme ID", "", "", "acme.example", None))
    answer = alice.post("settings/sign-in", {"rule": "provider"})
    assert answer.status_code == 422 and "no identity provider that is ready" in answer.text


@pytest.mark.parametrize("act", ["remove", "empty"] * 2)
def test_at_the_same_moment_one_of_the_two_gives_way(cast: Cast, act: str) -> None:
    found = written_down(cast)
    given = ProviderInput("Acme ID", "", "", "acme.example", None)
    taken = {
        "remove": lambda: providers.remove_provider(found),
        "empty": lambda: providers.change_provider(found, given),
    }
    results = at_once(cast, lambda: service.set_sign_in_rule("provider"), taken[act])
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "NoneType"]
    with cast.scope():
        is_ready = any(row.is_ready for row in list_providers())
    assert is_ready == (_rule(cast) == "provider")


def test_the_way_past_a_broken_provider_is_seen_where_none_is_left(cast: Cast) -> None:
    written_down(cast)
    ask_for(cast, "provider")
    with cast.scope(), atomic() as session:
        session.execute(update(IdentityProvider).values(client_id=""))
    alice = own(cast, "alice", "two_steps")
    assert "Come in without it" in alice.get(place_of(cast)).text
    assert alice.post(place_of(cast)).status_code == 303 and is_in(cast, alice)


def test_who_came_through_another_tenants_provider_shows_who_they_are_and_is_linked(
    cast: Cast, others: Cast, honest: Provider
) -> None:
    found = set_up(cast, honest, "viewer", f"{cast.slug}.example")
    honest.person = Person(email=cast.email("bob"))
    with directory_scope():
        vouched = Vouched(others.tenant_id, clock.now())
        _row, secret = begin_session(cast.users["bob"], "provider", Client("127.0.0.1", ""), vouched)
    bob = PageClient(cast.app, cast.slug, secret)
    refused = sign_in(cast, bob, found)
    button = re.search(r'href="(/account/verify\?next=[^"]+)"', refused.text)
    assert refused.status_code == 422 and button is not None
    assert bob.get(button.group(1)).status_code == 200
    target = parse_qs(urlsplit(button.group(1)).query)["next"][0]
    assert bob.post("/account/verify", {"password": PASSWORD, "next": target}).location == place_of(cast)
    assert sign_in(cast, bob, found).status_code == 303 and is_in(cast, bob)


def test_who_is_signed_in_as_somebody_else_is_told_and_can_sign_out(cast: Cast, honest: Provider) -> None:
    found = set_up(cast, honest, "viewer", f"{cast.slug}.example")
    honest.person = Person(email=cast.email("bob"))
    dana = own(cast, "dana")
    refused = sign_in(cast, dana, found)
    assert refused.status_code == 422 and f"{cast.email('dana')} is signed in" in refused.text
    assert 'action="/sign-out"' in refused.text and "/account/verify" not in refused.text
    answer = dana.post("/sign-out", {"next": place_of(cast)})
    assert parse_qs(urlsplit(answer.location).query) == {"next": [place_of(cast)]}
    assert not is_in(cast, dana)


def test_who_is_asked_again_learns_why_the_provider_is_no_help(cast: Cast, honest: Provider) -> None:
    found = set_up(cast, honest, "viewer", f"{cast.slug}.example")
    honest.person = Person(email=cast.email("alice"))
    assert sign_in(cast, own(cast, "alice"), found).status_code == 303
    alice = nobody(cast)
    assert sign_in(cast, alice, found).status_code == 303
    target = f"/t/{cast.slug}/settings/sign-in"
    assert alice.get(through(leave(cast, alice, found, again="1", next=target))).location == target
    words = "does not say that it has just asked"
    assert words in alice.get("/account/verify").text
    honest.person.authenticated_at = int(clock.now().timestamp())
    assert alice.get(through(leave(cast, alice, found, again="1"))).status_code == 303
    assert words not in alice.get("/account/verify").text


@pytest.mark.usefixtures("newcomer")
def test_the_way_to_the_provider_stays_after_a_wrong_try_and_goes_with_its_tenant(cast: Cast, honest: Provider) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    assert sign_in(cast, nia, found).status_code == 303 and nia.post("/sign-out").status_code == 303
    nia.renew_token()

    def has_way() -> list[bool]:
        wrong = {"email": cast.email("alice"), "password": "wrong"}
        tries = [nia.post("/sign-in", wrong), nia.post("/sign-in/passkey", {"credential": "{}"})]
        assert [answer.status_code for answer in tries] == [422, 422]
        return [place_of(cast) in answer.text for answer in (nia.get("/sign-in"), *tries)]

    assert has_way() == [True] * 3
    with directory_scope(), atomic():
        queries.get_tenant_by_slug(cast.slug).closed_at = clock.now()
    assert has_way() == [False] * 3
