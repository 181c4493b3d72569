"""`/u/<token>`: looking changes nothing, one POST is enough, from a person or from a mail program."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.customers.models import Suppression
from app.customers.queries import is_suppressed
from app.kernel import tokens
from app.kernel.db import db
from app.kernel.ids import new_id
from app.surveys.outreach import queries
from app.tenants import service as tenants
from tests.audits import list_audit
from tests.cast import Cast
from tests.factories.customers import new_customer
from tests.factories.outreach import make_interaction, make_invitation


@pytest.fixture
def invitation_id(cast: Cast) -> UUID:
    with cast.scope():
        return make_invitation("ana@example.com", delay_minutes=60).id


@pytest.fixture
def client(cast: Cast) -> FlaskClient:
    return cast.app.test_client()


def path(cast: Cast, invitation_id: UUID, purpose: str = "unsubscribe") -> str:
    return f"/u/{tokens.issue(purpose, cast.tenant_id, invitation_id)}"


def state(cast: Cast, invitation_id: UUID) -> tuple[bool, str, str | None]:
    with cast.scope():
        found = queries.get_invitation(invitation_id)
        return is_suppressed(found.customer_id), found.status, found.status_reason


def test_looking_changes_nothing(cast: Cast, client: FlaskClient, invitation_id: UUID) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        answer = client.open(path(cast, invitation_id), method=method)
        assert answer.status_code == 200
    page = client.get(path(cast, invitation_id)).text
    assert '<form method="post"' in page and page.count("<button") == 1 and "<a " not in page
    assert "csrf" not in page
    assert state(cast, invitation_id) == (False, "scheduled", None)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"data": b"List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"},
        {"data": {"List-Unsubscribe": "One-Click"}, "content_type": "multipart/form-data"},
        {"json": {"anything": ["else"]}},
        {"data": b"\xff\xfe not text", "content_type": "text/plain; charset=utf-8"},
    ],
    ids=["empty", "form", "one-click", "multipart", "json", "noise"],
)
def test_one_post_is_enough(cast: Cast, client: FlaskClient, invitation_id: UUID, body: dict[str, Any]) -> None:
    answer = client.post(path(cast, invitation_id), **body)
    assert answer.status_code == 200 and "Location" not in answer.headers
    assert "sends you no more surveys" in answer.text and "<button" not in answer.text and "<a " not in answer.text
    assert state(cast, invitation_id) == (True, "cancelled", "unsubscribed")


def test_again_is_the_same(cast: Cast, client: FlaskClient, invitation_id: UUID) -> None:
    answers = [client.post(path(cast, invitation_id)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    with cast.scope():
        assert db.session.scalar(select(func.count()).select_from(Suppression)) == 1
        assert [row.action for row in list_audit()].count("customer.suppressed") == 1
        assert list_audit()[0].actor_kind == "customer"
    assert "<button" not in client.get(path(cast, invitation_id)).text


def test_it_holds_for_all_addresses_and_all_that_is_planned(
    cast: Cast, client: FlaskClient, invitation_id: UUID
) -> None:
    with cast.scope():
        tenants.change_settings({"min_gap_days": 0})
        other = make_invitation("ana@example.com", channel="link", delay_minutes=90).id
        somebody_else = make_invitation("bea@example.com", delay_minutes=60).id
    client.post(path(cast, invitation_id))
    assert state(cast, other) == (True, "cancelled", "unsubscribed")
    assert state(cast, somebody_else) == (False, "scheduled", None)
    with cast.scope():
        both = new_customer("new@example.com")
        both = type(both)([*both.identifiers, ("email", "ana@example.com")], both.name)
        made = make_interaction(touchpoint=queries.get_invitation(other).touchpoint.key, customer=both)
        assert [row.reason for row in queries.get_interaction(made.external_id).decisions] == ["unsubscribed"]


def test_it_speaks_the_customer_s_language_and_the_tenant_s_name(cast: Cast, client: FlaskClient) -> None:
    with cast.scope():
        tenants.change_settings({"sender_name": "'\"><script>alert(1)</script>{{7*7}}"})
        found = make_invitation("li@example.com").id
    page = client.get(path(cast, found)).text
    assert "<script>alert" not in page and "{{7*7}}" in page and "&lt;script&gt;" in page
    with cast.scope():
        queries.get_invitation(found).locale = "zh-Hans"
        db.session.commit()
    page = client.get(path(cast, found)).text
    assert '<html lang="zh-Hans"' in page and "不再询问我" in page and "Stop asking" not in page


def test_a_wrong_token_is_unknown_and_changes_nothing(
    cast: Cast, client: FlaskClient, others: Cast, invitation_id: UUID
) -> None:
    good = path(cast, invitation_id)
    wrong = [
        path(cast, invitation_id, "respond"),
        path(others, invitation_id),
        path(cast, new_id()),
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        "/u/x",
    ]
    for method in ("GET", "POST"):
        assert {client.open(one, method=method).status_code for one in wrong} == {404}
    assert state(cast, invitation_id) == (False, "scheduled", None)
