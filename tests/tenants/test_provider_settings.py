"""The tenant's pages on its identity providers, beside what tests/tenants/test_providers.py shows of signing in."""

from __future__ import annotations

from tests.cast import Cast
from tests.tenants.at_provider import place_of, written_down


def test_the_link_for_everybody_begins_with_the_public_address(cast: Cast) -> None:
    written_down(cast)
    page = cast.client("alice").get("settings/providers").text
    assert f">http://heed.test{place_of(cast)}<" in page and "http://localhost" not in page
