"""Every page of a tenant in which there is nothing yet teaches: what will stand there, and the one thing to do next.

For each role all pages are opened; what is empty there says so in a sentence and links to a page that this role may
open. Once somebody has answered, an empty list is nothing to set up any more.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin

import pytest
from flask_openapi3 import OpenAPI

from app.demo.shop import example
from app.kernel.ids import new_id
from app.kernel.scope import directory_scope, tenant_scope
from app.tenants import queries
from app.tenants.examples.queries import find_example_of
from app.tenants.examples.service import enter_example
from app.tenants.rules import STAFF_ROLES, allows
from app.tenants.service import FirstAdmin, add_member, found_tenant
from tests.cast import PASSWORD, Cast, PageClient
from tests.examples import forget_stories

PAGES = {
    "": "home",
    "cases/": "cases.read",
    "responses/": "responses.read",
    "customers/": "customers.read",
    "figures/": "figures.read",
    "journeys/": "journeys.read",
    "touchpoints/": "journeys.read",
    "departments/": "journeys.read",
    "partners/": "journeys.read",
    "surveys/": "surveys.read",
    "outreach/": "outreach.read",
    "settings/keys/": "settings.edit",
    "settings/webhooks/": "webhooks.edit",
    "settings/providers": "settings.edit",
}
"""The pages that have nothing to show in a new tenant, with what they ask of their reader."""
ALSO = (
    "settings/",
    "settings/team",
    "settings/audit",
    "settings/calendar",
    "settings/logo",
    "start",
    "search?q=nobody",
)
"""Pages that are never empty: somebody works here, and set the tenant up."""

_EMPTY = re.compile(
    r'<tr class="list-empty"><td[^>]*>(.*?)</td></tr>'
    r'|<div class="state">(.*?)</div>'
    r'|(<section class="panel start-call".*?</section>)',
    re.S,
)
_TAG = re.compile(r"<[^>]+>|<svg.*?</svg>", re.S)
_LINK = re.compile(r'<a [^>]*href="([^"]*)"')


@pytest.fixture(scope="module")
def fresh(application: OpenAPI) -> Cast:
    """A tenant that was made a moment ago, with one person in each role and nothing else."""
    with application.app_context():
        slug = "as-new-as-can-be"
        admin, tenant_id = FirstAdmin(f"admin@{slug}.example", "", PASSWORD), new_id()
        found_tenant(slug, "New", admin, timezone="UTC", locale="en", tenant_id=tenant_id)
        cast = Cast(application, tenant_id, slug, "")
        with cast.scope():
            for role in STAFF_ROLES[1:]:
                add_member(cast.email(role), role, PASSWORD, name=role.title())
            cast.users.update({row.role: user.id for row, user in queries.list_members()})
        return cast


def empties(page: str) -> list[str]:
    """The places on a page where there is nothing yet."""
    return [next(part for part in found if part) for found in _EMPTY.findall(page)]


def _words(part: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", part)).split())


def _faults(client: PageClient, path: str, page: str) -> list[str]:
    """What is wrong with the empty places of a page, for the reader whose browser this is."""
    found, here = [], f"/t/{client.slug}/{path}"
    for part in empties(page):
        links = [unescape(link) for link in _LINK.findall(part)]
        if len(_words(part)) < 40:
            found.append(f"{here}: {_words(part)!r} teaches nothing")
        if len(links) != 1:
            found.append(f"{here}: {_words(part)!r} has {len(links)} next steps")
        for link in links:
            name = link.partition("#")[2]
            if name and f'id="{name}"' not in page:
                found.append(f"{here}: nothing is called {link}")
            answer = client.get(urljoin(here, link.partition("#")[0]))
            if answer.status_code != 200:
                found.append(f"{here}: {link} answers {answer.status_code}")
            if not name and urljoin(here, link) == here:
                found.append(f"{here}: {link} leads to where one is")
    return found


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("role", STAFF_ROLES)
def test_every_empty_page_teaches_whoever_may_read_it(fresh: Cast, role: str, language: str) -> None:
    with fresh.app.app_context():
        client = fresh.client(role)
    client.post("/account/language", {"locale": language})
    faults = list[str]()
    for path, permission in PAGES.items():
        answer = client.get(path)
        assert (answer.status_code == 200) == allows(role, permission), (path, answer.status_code)
        if answer.status_code == 200:
            if not empties(answer.text):
                faults.append(f"{path}: nothing teaches here")
            faults += _faults(client, path, answer.text) if language == "en" else []
    for path in ALSO if role == "admin" else ():
        answer = client.get(path)
        assert answer.status_code == 200, path
        faults += _faults(client, path, answer.text)
    assert faults == []


def test_nobody_but_an_admin_is_told_to_set_anything_up(fresh: Cast) -> None:
    for role in STAFF_ROLES[1:]:
        with fresh.app.app_context():
            client = fresh.client(role)
        for path, permission in PAGES.items():
            if allows(role, permission):
                text = client.get(path).text
                assert "Take the first steps" not in text and "?add" not in text, (role, path)


def test_once_somebody_has_answered_an_empty_list_is_only_empty(app: OpenAPI, cast: Cast) -> None:
    with cast.scope():
        enter_example(cast.email("alice"))
    with directory_scope():
        found = find_example_of(cast.tenant_id)
        assert found is not None
    with tenant_scope(found.id):
        story = example._story()
        for _chapter in range(2):
            example._tell_next(story)
    forget_stories()
    there = Cast(app, found.id, found.slug, "", cast.users).client("alice")
    inbox = there.get("cases/?show=late").text
    assert "Nothing here." in inbox and "Take the first steps" not in inbox
    assert "Take the first steps" in cast.client("alice").get("cases/").text
