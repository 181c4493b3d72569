"""A browser goes to the provider and comes back: real redirects, under our policy, on pages that everybody can use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from flask_openapi3 import OpenAPI
from playwright.sync_api import Browser, expect

from app.kernel.scope import tenant_scope
from app.tenants.detours import providers_token
from app.tenants.providers.queries import redirect_uri
from app.tenants.providers.service import ProviderInput, add_provider
from tests.browser import assert_open_to_everybody, served, watched
from tests.cast import Cast
from tests.fakes.oidc_server import CLIENT, SECRET, Person, Provider


@contextmanager
def _at(application: OpenAPI, address: str) -> Iterator[None]:
    settings = application.extensions["heed_settings"]
    application.extensions["heed_settings"] = settings.model_copy(update={"base_url": address})
    try:
        yield
    finally:
        application.extensions["heed_settings"] = settings


def test_a_browser_goes_there_and_comes_back(
    application: OpenAPI, cast: Cast, honest: Provider, browser: Browser
) -> None:
    honest.person = Person(email=f"nia.{uuid4().hex[:8]}@acme.example")
    with served(application) as address, _at(application, address), watched(browser.new_context()) as page:
        with tenant_scope(cast.tenant_id):
            row = add_provider(honest.issuer, ProviderInput("Acme ID", CLIENT, SECRET, "acme.example", "viewer"))
            honest.redirect_uri = redirect_uri(row.id)
        page.goto(f"{address}/sign-in/at/{providers_token(cast.tenant_id)}")
        assert_open_to_everybody(page)
        page.get_by_role("link", name="Continue with Acme ID").click()
        expect(page).to_have_url(f"{address}/t/{cast.slug}/")
        page.goto(f"{address}/account/passkeys")
        expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
        assert_open_to_everybody(page)
        page.context.clear_cookies(name="heed")
        page.goto(f"{address}/t/{cast.slug}/")
        page.get_by_role("link", name=f"Sign in to Tenant {cast.slug}").click()
        honest.person = Person(sub="u-2", email="ceo@bank.example")
        page.get_by_role("link", name="Continue with Acme ID").click()
        expect(page.get_by_role("heading", name="This did not work")).to_be_visible()
        assert_open_to_everybody(page)
