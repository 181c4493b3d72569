"""API keys: made by who may, rotated without a gap, ended when they should be, and seen at work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.kernel.scope import Actor, acting
from app.tenants import key_service, queries, service
from app.tenants.api_keys import read_key
from app.tenants.models import ApiKey
from app.tenants.rules import KEY_OVERLAP, ROLES, SCOPES, may_give
from tests.cast import PASSWORD, Cast


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    yield
    clock.shift(0)


def row(cast: Cast, name: str = "test") -> ApiKey:
    with cast.scope():
        return db.session.scalars(select(ApiKey).where(ApiKey.name == name)).one()


def status(cast: Cast, key: str) -> int:
    return cast.api(key).get("partners").status_code


def test_a_new_text_works_at_once_and_the_old_one_for_a_day(cast: Cast) -> None:
    first = cast.key("read")
    with cast.scope():
        second = key_service.rotate_api_key(row(cast).id)
    assert [status(cast, first), status(cast, second)] == [200, 200]
    clock.shift(round(KEY_OVERLAP.total_seconds()) + 1)
    assert [status(cast, first), status(cast, second)] == [401, 200]


def test_the_old_text_can_be_ended_at_once_and_another_rotation_ends_it_too(cast: Cast) -> None:
    first = cast.key("read")
    key_id = row(cast).id
    with cast.scope():
        second = key_service.rotate_api_key(key_id)
        third = key_service.rotate_api_key(key_id)
    assert [status(cast, key) for key in (first, second, third)] == [401, 200, 200]
    with cast.scope():
        key_service.end_old_text(key_id)
        key_service.end_old_text(key_id)
    assert [status(cast, key) for key in (second, third)] == [401, 200]


@pytest.mark.parametrize(
    "body", ["!" * 64, "=" * 64, "QUJD" + "!" * 60, "A" * 62 + "==", "é" * 64, "AAAA" * 15 + "!!!!"]
)
def test_a_text_that_decodes_to_too_little_is_no_key(cast: Cast, body: str) -> None:
    assert read_key(f"Bearer heed_{body}") is None
    assert status(cast, f"heed_{body}") == 401


def test_a_revoked_key_and_its_old_text_are_refused_and_cannot_be_rotated(cast: Cast) -> None:
    first = cast.key("read")
    key_id = row(cast).id
    with cast.scope():
        second = key_service.rotate_api_key(key_id)
        key_service.revoke_api_key(key_id)
        with pytest.raises(Conflict):
            key_service.rotate_api_key(key_id)
    assert [status(cast, first), status(cast, second)] == [401, 401]


def test_a_key_ends_when_it_says(cast: Cast) -> None:
    with cast.scope():
        text = key_service.create_api_key("test", ("read",), 30)
    assert status(cast, text) == 200
    clock.shift(30 * 24 * 3600 + 1)
    assert status(cast, text) == 401
    with cast.scope(), pytest.raises(Conflict):
        key_service.rotate_api_key(row(cast).id)


def test_its_use_is_noted_at_most_once_a_minute(cast: Cast) -> None:
    text = cast.key("read")
    assert row(cast).last_used_at is None
    assert status(cast, text) == 200
    first = row(cast).last_used_at
    assert first is not None and clock.now() - first < timedelta(minutes=1)
    clock.shift(30)
    status(cast, text)
    assert row(cast).last_used_at == first
    clock.shift(90)
    status(cast, text)
    assert row(cast).last_used_at > first


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [("", ("read",), None), ("a" * 101, ("read",), None), ("a", (), None), ("a", ("root",), None), ("a", ("read",), 0)],
)
def test_what_is_no_key_is_refused(cast: Cast, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    with cast.scope(), pytest.raises(Invalid):
        key_service.create_api_key(name, scopes, days)


def test_nobody_gives_a_key_more_than_their_role_has(cast: Cast) -> None:
    with cast.scope(), acting(Actor("user", cast.users["bob"])):
        key_service.create_api_key("of an agent", ("read", "cases", "responses"))
        for scopes in (("admin",), ("read", "admin")):
            with pytest.raises(Forbidden):
                key_service.create_api_key("too much", scopes)
    for stranger in (cast.users["pat"], UUID(int=7)):
        with cast.scope(), acting(Actor("user", stranger)), pytest.raises(Forbidden):
            key_service.create_api_key("of nobody", ("read",))
    cast.key("admin")
    with cast.scope(), acting(Actor("user", cast.users["bob"])), pytest.raises(Forbidden):
        key_service.rotate_api_key(row(cast).id)


def test_what_each_role_may_give() -> None:
    given = {role: {scope for scope in SCOPES if may_give(role, [scope])} for role in ROLES}
    working = {"read", "outreach", "responses", "cases"}
    assert given == {
        "admin": set(SCOPES),
        "lead": working,
        "agent": working,
        "analyst": {"read"},
        "viewer": set(),
        "partner": set(),
    }
    assert not may_give(None, ["read"])


def test_another_tenant_s_key_is_not_there(cast: Cast, others: Cast) -> None:
    cast.key("read")
    key_id = row(cast).id
    with others.scope():
        for verb in (key_service.rotate_api_key, key_service.revoke_api_key, key_service.end_old_text):
            with pytest.raises(NotFound):
                verb(key_id)


def test_the_page_makes_rotates_and_ends_keys_and_shows_each_text_once(cast: Cast) -> None:
    alice = cast.client("alice")
    made = alice.post("settings/keys/", {"name": "The shop", "scopes": ["read", "cases"], "days": "90"})
    [text] = re.findall(r"heed_[\w-]{60,}", made.text)
    assert made.status_code == 201 and status(cast, text) == 200
    key = row(cast, "The shop")
    rotated = alice.post(f"settings/keys/{key.id}/rotation")
    [newer] = re.findall(r"heed_[\w-]{60,}", rotated.text)
    assert newer != text and "The text before works until" in rotated.text and status(cast, newer) == 200
    page = alice.get("settings/keys/").text
    assert "heed_" not in page and key.hash not in page
    alice.post(f"settings/keys/{key.id}/old-text/removal")
    assert [status(cast, text), status(cast, newer)] == [401, 200]
    alice.post(f"settings/keys/{key.id}/revocation")
    assert status(cast, newer) == 401
    assert alice.post(f"settings/keys/{key.id}/rotation").status_code == 303
    for wrong in ({"name": ""}, {"scopes": []}, {"scopes": ["root"]}, {"days": "-1"}, {"days": "1e9"}, {"days": ""}):
        form = {"name": "A", "scopes": ["read"], "days": "90", **wrong}
        assert alice.post("settings/keys/", form).status_code == 422


def test_a_key_whose_maker_has_left_works_on_and_is_pointed_out(cast: Cast) -> None:
    with cast.scope():
        carol = service.add_member("carol@example.com", "admin", PASSWORD, name="Carol")
    with cast.scope(), acting(Actor("user", carol)):
        text = key_service.create_api_key("test", ("read",))
    alice = cast.client("alice")
    assert "its maker has left" not in alice.get("settings/keys/").text
    with cast.scope():
        service.end_membership(carol)
    assert "its maker has left" in alice.get("settings/keys/").text and status(cast, text) == 200
    alice.post(f"settings/keys/{row(cast).id}/rotation")
    assert "its maker has left" not in alice.get("settings/keys/").text


def test_a_key_that_may_do_more_than_its_maker_is_pointed_out(cast: Cast) -> None:
    with cast.scope():
        carol = service.add_member("carol@example.com", "admin", PASSWORD, name="Carol")
    with cast.scope(), acting(Actor("user", carol)):
        key_service.create_api_key("test", ("admin",))
        key_service.create_api_key("read only", ("read",))
    alice, words = cast.client("alice"), "its maker may do less than it"
    assert words not in alice.get("settings/keys/").text
    with cast.scope():
        service.change_role(carol, "analyst", "admin")
    assert alice.get("settings/keys/").text.count(words) == 1, "an analyst may still give a key to read"
    alice.post(f"settings/keys/{row(cast).id}/rotation")
    assert words not in alice.get("settings/keys/").text


@pytest.mark.parametrize("with_keys", [True, False])
def test_the_old_text_ends_with_the_keys_of_whoever_made_it(cast: Cast, with_keys: bool) -> None:
    with cast.scope():
        carol = service.add_member("carol@example.com", "admin", PASSWORD, name="Carol")
    with cast.scope(), acting(Actor("user", carol)):
        old = key_service.create_api_key("test", ("read",))
    with cast.scope(), acting(Actor("user", cast.users["alice"])):
        new = key_service.rotate_api_key(row(cast).id)
        other = key_service.create_api_key("other", ("read",))
        newer = key_service.rotate_api_key(row(cast, "other").id)
        service.end_membership(carol, with_keys=with_keys)
    assert status(cast, old) == (401 if with_keys else 200)
    assert [status(cast, text) for text in (new, other, newer)] == [200] * 3


def test_as_many_statements_for_many_keys_as_for_few(cast: Cast) -> None:
    from tests.queries import count_queries

    alice = cast.client("alice")
    counts = []
    for _turn in range(2):
        with count_queries() as statements:
            assert alice.get("settings/keys/").status_code == 200
        counts.append(len(statements))
        for _number in range(10):
            cast.key("read")
    assert counts[0] == counts[1] <= 7
    with cast.scope():
        assert len(queries.list_api_keys()) == 21
