"""Where each role starts, and what stands in its rail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask_openapi3 import OpenAPI

from app.delivery.models import Message
from app.desk.navigation import FURTHER_PAGES, PLACES
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.loop.cases.models import CaseAlarm
from app.tenants import service
from app.tenants.rules import ROLES
from tests.cast import PASSWORD, Cast
from tests.factories.histories import make_histories, make_story
from tests.queries import count_queries

MOST_PLACES = 8


def _join(cast: Cast, role: str) -> None:
    with cast.scope():
        partner = cast.partner_id if role == "partner" else None
        cast.users[role] = service.add_member(cast.email(role), role, PASSWORD, partner_id=partner)


@pytest.mark.parametrize("role", ROLES)
def test_the_rail_of_each_role_leads_to_pages_that_open(cast: Cast, role: str) -> None:
    _join(cast, role)
    client = cast.client(role)
    start = client.get("partner/" if role == "partner" else "", follow_redirects=True)
    assert start.status_code == 200
    places = re.findall(r'class="rail-link" href="([^"]+)"', start.text)
    assert 1 <= len(places) <= MOST_PLACES
    assert [path for path in places if client.get(path).status_code != 200] == []
    assert start.text.count('aria-current="page"') == 1


def test_every_place_leads_somewhere(cast: Cast) -> None:
    known = {*cast.app.view_functions, "billing.index"}  # which is there where one can pay; see tests/billing
    assert [place.endpoint for place in PLACES + FURTHER_PAGES if place.endpoint not in known] == []


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("admin", "The last 24 hours"),
        ("lead", "Your cases now"),
        ("agent", "Your cases now"),
        ("analyst", "what customers say, what moved, and why"),
        ("viewer", "what customers say, what moved, and why"),
    ],
)
def test_each_role_has_a_home_of_its_own_with_the_one_figure(cast: Cast, role: str, words: str) -> None:
    _join(cast, role)
    page = cast.client(role).get("").text
    assert words in page
    assert "Our one figure" in page and "No responses" in page


def test_a_new_tenant_is_led_through_the_first_steps(cast: Cast) -> None:
    page = cast.client("alice").get("").text
    assert "From nothing to the first answer" in page
    assert "Nothing needs you." in page


def _message(state: str) -> Message:
    now = clock.now()
    return Message(purpose="invitation", reference_id=new_id(), channel="email", to_address="a@example.com",
                   from_name="Acme", subject="s", text="t", html="h", state=state, created_at=now,
                   handed_over_at=now)  # fmt: skip


def test_the_overview_counts_and_says_what_to_look_at(cast: Cast) -> None:
    now = clock.now()
    with cast.scope(), atomic() as session:
        ground = make_histories(delivery=None)
        ana = ground.customer()
        late = ground.case(ground.answer(at=now), resolution_due_at=now - timedelta(hours=1))
        ground.case(ground.answer(at=now - timedelta(days=2)))
        ground.case(ground.answer(at=now, is_historic=True), is_historic=True)
        session.add(CaseAlarm(case_id=late.id, kind="resolution_breached", due_at=now, at=now))
        session.add_all([_message(state) for state in ("sent", "sent", "sent", "failed", "uncertain")])
        for turn in range(22):
            ground.decide(ground.interaction(ana, at=now), reason="min_gap" if turn < 15 else None)
    page = cast.client("alice").get("").text
    counts = dict(re.findall(r"<dt>([^<]+)</dt><dd><a[^>]*>([\d,]+)</a>", page))
    assert counts == {"mails sent": "3", "answers": "1", "open cases": "2", "cases late": "1"}
    for said in [
        "1 alarm about a case",
        "1 mail was refused by the receiver",
        "1 mail was handed over and its fate is unknown",
        "Nobody answers for 1 touchpoint",
        "The rule ask left out 15 of 22 interactions in seven days",
        "published a survey",
    ]:
        assert said in page, said
    assert "From nothing to the first answer" not in page
    assert "Nothing needs you." not in page


def test_the_home_needs_as_many_statements_for_a_large_tenant(cast: Cast) -> None:
    counts = []
    with cast.scope():
        ground = make_histories(delivery=None)
    for times in (1, 25):
        with cast.scope(), atomic():
            make_story(ground, ground.customer(), times)
        db.session.close()
        reader = cast.client("alice")
        with count_queries() as statements:
            assert reader.get("").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 21, statements


def test_every_page_of_the_settings_stands_below_them(app: OpenAPI) -> None:
    """So that the way there is marked, wherever among them somebody is."""
    settings = next(place for place in PLACES if place.endpoint == "settings.index")
    blueprints = {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules() if "/settings" in rule.rule}
    assert blueprints - set(settings.blueprints) == set()
