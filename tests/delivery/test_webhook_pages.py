"""The pages of webhooks: set up, tried, read and sent again by who may, and no secret in any of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from app.delivery.webhooks import queries
from app.delivery.webhooks.models import WebhookEndpoint
from app.delivery.webhooks.rules import KINDS
from app.kernel import clock
from app.kernel.db import atomic
from tests import receiver
from tests.cast import Cast, PageClient
from tests.delivery.hooks import carry_due, listen, loopback_allowed, told
from tests.queries import count_queries
from tests.receiver import Receiver
from tests.urls import TEXTS

HOSTILE = b"</pre><script>alert(1)</script>\x00\x1b[2J"


@pytest.fixture
def server(cast: Cast) -> Iterator[Receiver]:
    with loopback_allowed(cast.app), receiver.serve() as running:
        yield running
    clock.shift(0)


@pytest.fixture
def alice(cast: Cast) -> PageClient:
    return cast.client("alice")


def test_a_webhook_is_added_tried_and_removed(cast: Cast, alice: PageClient, server: Receiver) -> None:
    assert "No webhook yet" in alice.get("settings/webhooks/").text
    made = alice.post("settings/webhooks/new", {"key": "crm", "url": server.url, "events": ["case.opened"]})
    assert made.status_code == 201
    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]{40,}", made.text)
    sent = alice.post("settings/webhooks/crm/test")
    assert sent.status_code == 303
    waiting = alice.get(sent.location)
    assert "every 1s" in waiting.text
    carry_due(cast)
    outcome = alice.get(f"{sent.location}/outcome")
    assert "every 1s" not in outcome.text and "thank you" in outcome.text and "200" in outcome.text
    assert alice.get(f"{sent.location}/outcome", headers={"If-None-Match": outcome.headers["ETag"]}).status_code == 304
    pages = ["settings/webhooks/", "settings/webhooks/crm", "settings/webhooks/crm?state=delivered", sent.location]
    for page in [*pages, f"{sent.location}/outcome", "settings/audit"]:
        answer = alice.get(page)
        assert answer.status_code == 200 and secret not in answer.text and "whsec_" not in answer.text
    rotated = alice.post("settings/webhooks/crm/secret")
    assert rotated.status_code == 201 and "whsec_" in rotated.text and secret not in rotated.text
    assert alice.post("settings/webhooks/crm/removal").status_code == 303
    assert alice.get("settings/webhooks/crm").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"url": "http://127.0.0.1/"}, "This address is not taken"),
        ({"url": ""}, "This address is not taken"),
        ({"url": "https://example.com/" + "a" * 3000}, "This address is not taken"),
        ({"key": "A B"}, "1 to 64"),
        ({"key": ""}, "1 to 64"),
        ({"key": "taken"}, "1 to 64"),
        ({"events": []}, "Choose at least one"),
        ({"events": ["case.deleted"]}, "case.deleted"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    cast: Cast, alice: PageClient, wrong: dict[str, object], sentence: str
) -> None:
    good = {"key": "crm", "url": "https://example.com/heed", "events": ["case.opened"]}
    assert alice.post("settings/webhooks/new", {**good, "key": "taken"}).status_code == 201
    refused = alice.post("settings/webhooks/new", {**good, **wrong})
    assert refused.status_code == 422 and sentence in refused.text
    with cast.scope():
        assert [endpoint.key for endpoint in queries.list_endpoints()] == ["taken"]


@pytest.mark.parametrize("url", TEXTS[::7])
def test_where_nobody_may_go_is_refused_in_the_form(cast: Cast, alice: PageClient, url: str) -> None:
    refused = alice.post("settings/webhooks/new", {"key": "crm", "url": url, "events": ["case.opened"]})
    # A form trims what was typed; what is good without its spaces is good.
    assert refused.status_code == (201 if url.strip() == "https://example.com/" else 422)


def test_a_webhook_is_changed_and_keeps_what_was_refused(cast: Cast, alice: PageClient, server: Receiver) -> None:
    listen(cast, server, key="crm")
    form = {"url": server.url + "/2", "events": ["case.closed"], "is_active": "y"}
    assert alice.post("settings/webhooks/crm", form).status_code == 303
    refused = alice.post("settings/webhooks/crm", {**form, "url": "https://10.0.0.1/mine"})
    assert refused.status_code == 422 and "https://10.0.0.1/mine" in refused.text
    assert alice.post("settings/webhooks/crm", {"url": server.url, "events": ["case.closed"]}).status_code == 303
    with cast.scope():
        endpoint = queries.get_endpoint("crm")
    assert (endpoint.url, endpoint.kinds, endpoint.is_active) == (server.url, "case.closed", False)


def test_what_was_given_up_is_seen_and_sent_once_more(cast: Cast, alice: PageClient, server: Receiver) -> None:
    listen(cast, server, key="crm")
    server.status, server.body = 410, HOSTILE
    told(cast)
    carry_due(cast)
    home = alice.get("")
    assert "has not taken messages" in home.text
    page = alice.get("settings/webhooks/crm").text
    assert "1 message was given up" in page and "answered 410" in page
    assert alice.post("settings/webhooks/crm/replay").status_code == 303
    assert "Switch the webhook on first." in alice.get("settings/webhooks/crm").text
    form = {"url": server.url, "events": list(KINDS), "is_active": "y"}
    assert alice.post("settings/webhooks/crm", form).status_code == 303
    with cast.scope():
        [row] = queries.page_of_deliveries(queries.get_endpoint("crm"), "dead", None).rows
    shown = alice.get(f"settings/webhooks/crm/deliveries/{row.id}").text
    assert "<script>alert(1)" not in shown and "&lt;script&gt;alert(1)" in shown and "\x00" not in shown
    server.status = 200
    assert alice.post(f"settings/webhooks/crm/deliveries/{row.id}/replay").status_code == 303
    again = alice.get(f"settings/webhooks/crm/deliveries/{row.id}").text
    assert "every 1s" in again and "Last try" not in again and "alert(1)" not in again, "what was is history"
    assert carry_due(cast) == 1
    assert "has not taken messages" not in alice.get("").text
    told(cast, reference="2")
    server.status = 410
    carry_due(cast)
    assert "1 message is forgotten." in alice.get(alice.post("settings/webhooks/crm/discard").location).text


def test_until_when_the_old_secret_signs_is_said_while_it_does(cast: Cast, alice: PageClient, server: Receiver) -> None:
    listen(cast, server, key="crm")
    assert "signs beside it until" in alice.post("settings/webhooks/crm/secret").text
    with cast.scope(), atomic() as session:
        session.execute(update(WebhookEndpoint).values(old_secret_until=clock.now()))
    page = alice.get("settings/webhooks/crm").text
    assert "signs beside it until" not in page and "A new secret signs beside the old one" in page


@pytest.mark.parametrize("name", ["bob", "dana", "pat"])
def test_who_may_not_set_up_may_not_even_send_a_test(cast: Cast, server: Receiver, name: str, others: Cast) -> None:
    listen(cast, server, key="crm")
    client = cast.client(name)
    form = {"key": "new", "url": server.url, "events": ["case.opened"]}
    for path in ("", "new", "crm"):
        assert client.get(f"settings/webhooks/{path}").status_code == 403
    for path in ("new", "crm", "crm/test", "crm/secret", "crm/removal", "crm/replay", "crm/discard"):
        assert client.post(f"settings/webhooks/{path}", form).status_code == 403
    assert carry_due(cast) == 0 and server.connections == 0


def test_as_many_statements_for_many_deliveries_as_for_few(cast: Cast, alice: PageClient, server: Receiver) -> None:
    listen(cast, server, key="crm")

    def counted(path: str) -> int:
        with count_queries() as statements:
            assert alice.get(path).status_code == 200
        return len(statements)

    before = [counted("settings/webhooks/"), counted("settings/webhooks/crm")]
    for number in range(30):
        told(cast, reference=str(number))
    for number in range(5):
        listen(cast, server, key=f"crm-{number}")
    assert [counted("settings/webhooks/"), counted("settings/webhooks/crm")] == before
    assert max(before) <= 9
