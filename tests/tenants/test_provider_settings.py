"""The tenant's pages on its identity providers, beside what tests/tenants/test_providers.py shows of signing in."""

from __future__ import annotations

from app.tenants.providers.rules import MOST_PROVIDERS
from tests.cast import Cast
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
