"""The tenant's pages on its identity providers, beside what tests/tenants/test_providers.py shows of signing in."""

from __future__ import annotations

import re
from datetime import timedelta

from app.kernel import clock
from app.kernel.db import atomic
from app.kernel.ids import new_id
from app.kernel.pagination import DEFAULT_LIMIT
from app.kernel.scope import directory_scope
from app.tenants import service
from app.tenants.accounts.client import Client
from app.tenants.accounts.service import Vouched, begin_session
from app.tenants.accounts.state import new_state_key
from app.tenants.models import User
from app.tenants.providers.models import Identity
from app.tenants.providers.rules import MOST_PROVIDERS
from tests.cast import Cast, PageClient
from tests.fakes.oidc_server import Provider
from tests.tenants.at_provider import place_of, set_up, written_down


def test_the_link_for_everybody_begins_with_the_public_address(cast: Cast) -> None:
    written_down(cast)
    page = cast.client("alice").get("settings/providers").text
    assert f">http://heed.test{place_of(cast)}<" in page and "http://localhost" not in page


def _add(cast: Cast, issuer: str) -> str:
    form = {"name": "Acme", "issuer": issuer, "domains": "acme.example", "newcomer_role": "nobody"}
    answer = cast.client("alice").post("settings/providers", form)
    assert answer.status_code == 422
    return answer.text


def test_the_page_says_what_is_wrong_with_an_issuer(cast: Cast, honest: Provider) -> None:
    honest.metadata = {"code_challenge_methods_supported": ["plain"]}
    assert "PKCE with S256" in _add(cast, honest.issuer)
    assert "status 404" in _add(cast, f"{honest.issuer}/nowhere")
    honest.metadata = {}
    set_up(cast, honest)
    page = _add(cast, honest.issuer)
    assert "is there already" in page and "does not answer" not in page
    for _turn in range(MOST_PROVIDERS - 1):
        written_down(cast)
    honest.metadata = {"issuer": f"{honest.issuer}/"}
    page = _add(cast, f"{honest.issuer}/")
    assert "as many providers as there may be" in page and "does not answer" not in page


def test_whom_a_provider_knows_is_shown_in_pages(cast: Cast) -> None:
    found, now, alice = written_down(cast), clock.now(), cast.client("alice")
    with cast.scope(), atomic() as session:
        for number in range(DEFAULT_LIMIT + 1):
            user = User(
                id=new_id(), email=f"p{number:02}.{cast.slug}@acme.example", name=f"P{number:02}", password_hash="",
                state_key=new_state_key(), new_email=None, created_at=now, confirmed_at=now,
            )  # fmt: skip
            session.add(user)
            session.flush()
            linked = now + timedelta(minutes=number)
            row = {"provider_id": found, "user_id": user.id, "linked_at": linked, "used_at": linked}
            session.add(Identity(id=new_id(), subject=str(number), **row))
    first = alice.get(f"settings/providers/{found}").text
    assert first.count("acme.example</span>") == DEFAULT_LIMIT and "p00." not in first
    onward = re.search(r'href="([^"]+cursor=[^"]+)"', first)
    assert onward is not None
    second = alice.get(onward.group(1)).text
    assert second.count("acme.example</span>") == 1 and "p00." in second


def test_who_came_through_the_provider_chooses_a_language_for_this_browser_alone(cast: Cast) -> None:
    with directory_scope():
        service.set_locale(cast.users["bob"], "en")
        vouched = Vouched(cast.tenant_id, clock.now())
        _row, secret = begin_session(cast.users["bob"], "provider", Client("127.0.0.1", ""), vouched)
    bob = PageClient(cast.app, cast.slug, secret)
    assert bob.post("/account/language", {"locale": "zh-Hans"}).status_code == 303
    assert '<html lang="zh' in bob.get("figures/").text and '<html lang="en' in cast.client("bob").get("figures/").text
    assert cast.client("bob").post("/account/language", {"locale": "zh-Hans"}).status_code == 303
    assert '<html lang="zh' in cast.client("bob").get("figures/").text
