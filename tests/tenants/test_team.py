"""Roles change and people leave: at once, with an admin left, and their cases go to somebody."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Fault, NotFound
from app.kernel.scope import Actor, acting, directory_scope
from app.loop.cases.models import Case
from app.loop.cases.service import assign_case, close_case
from app.tenants import queries, service
from app.tenants.accounts.models import UserSession
from app.tenants.joining.queries import list_invites
from app.tenants.key_service import create_api_key
from app.tenants.rules import STAFF_ROLES
from tests.cast import PASSWORD, Cast
from tests.factories.loop import make_case
from tests.queries import count_queries
from tests.threads import at_once

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def _add(cast: Cast, name: str, role: str) -> None:
    with cast.scope():
        cast.users[name] = service.add_member(cast.email(name), role, PASSWORD, name=name.title())


def _cases_of_bob(cast: Cast, count: int = 3) -> list[int]:
    with cast.scope():
        numbers = [make_case(3, "Late", email=f"c{turn}@example.com").number for turn in range(count)]
        for number in numbers:
            assign_case(number, cast.users["bob"])
    return numbers


def _owners(cast: Cast) -> list[Any]:
    with cast.scope():
        names = {user_id: name for name, user_id in cast.users.items()}
        return [names.get(case.owner_id) for case in db.session.query(Case).order_by(Case.number)]


def _remove(cast: Cast, name: str, **form: str) -> Any:
    return cast.client("alice").post(f"settings/team/{cast.users[name]}/removal", form)


def _change(cast: Cast, name: str, role: str, by: str = "alice") -> Any:
    return cast.client(by).post(f"settings/team/{cast.users[name]}/role", {"role": role})


def test_a_role_counts_from_the_next_request(cast: Cast) -> None:
    dana = cast.client("dana")
    assert (dana.get("settings/").status_code, dana.get("cases/").status_code) == (403, 200)
    assert _change(cast, "dana", "admin").status_code == 303
    assert dana.get("settings/").status_code == 200
    assert _change(cast, "dana", "viewer").status_code == 303
    assert (dana.get("settings/").status_code, dana.get("cases/").status_code) == (403, 403)


def test_who_is_removed_is_refused_at_once(cast: Cast) -> None:
    bob = cast.client("bob")
    assert bob.get("cases/").status_code == 200
    assert _remove(cast, "bob").status_code == 303
    assert bob.get("cases/").status_code == 404


def test_the_cases_of_who_leaves_go_to_the_heir(cast: Cast) -> None:
    _add(cast, "ed", "lead")
    _cases_of_bob(cast)
    _remove(cast, "bob", heir=str(cast.users["ed"]))
    cast.run_jobs()
    assert _owners(cast) == ["ed", "ed", "ed"]


def test_without_an_heir_they_are_shared(cast: Cast) -> None:
    _add(cast, "ed", "agent")
    _add(cast, "flo", "agent")
    _cases_of_bob(cast, 4)
    _remove(cast, "bob")
    cast.run_jobs()
    assert sorted(_owners(cast)) == ["ed", "ed", "flo", "flo"]


def test_where_nobody_is_left_but_an_admin_the_admin_gets_them(cast: Cast) -> None:
    _cases_of_bob(cast, 2)
    _remove(cast, "bob")
    cast.run_jobs()
    assert _owners(cast) == ["alice", "alice"]


def test_a_closed_case_stays_with_who_closed_it(cast: Cast) -> None:
    (number,) = _cases_of_bob(cast, 1)
    with cast.scope():
        close_case(number, "rejected", "A test")
    _remove(cast, "bob")
    cast.run_jobs()
    assert _owners(cast) == ["bob"]


def test_who_may_own_cases_no_more_hands_them_over(cast: Cast) -> None:
    _add(cast, "ed", "agent")
    _cases_of_bob(cast, 2)
    _change(cast, "bob", "analyst")
    cast.run_jobs()
    assert _owners(cast) == ["ed", "ed"]


@pytest.mark.parametrize("heir", ["dana", "bob", "pat", "nobody", "no id"])
def test_an_heir_who_may_own_no_cases_is_refused(cast: Cast, heir: str) -> None:
    chosen = {"nobody": "00000000-0000-7000-8000-000000000000"}.get(heir, str(cast.users.get(heir, "no id")))
    answer = _remove(cast, "bob", heir=chosen)
    assert answer.status_code == 422 and 'href="#heir"' in answer.text
    with cast.scope():
        assert queries.find_member_by_email(cast.email("bob")) is not None


@pytest.mark.parametrize("with_keys", [True, False])
def test_the_keys_of_who_leaves_end_when_that_is_wished(cast: Cast, with_keys: bool) -> None:
    _add(cast, "ed", "admin")
    with cast.scope(), acting(Actor("user", cast.users["ed"], "Ed")):
        theirs = create_api_key("Ed's", ("read",))
    assert cast.api(theirs).get("partners").status_code == 200
    assert _remove(cast, "ed", **({"with_keys": "1"} if with_keys else {})).status_code == 303
    assert cast.api(theirs).get("partners").status_code == (401 if with_keys else 200)
    assert cast.api().get("partners").status_code == 200, "the keys of others stay"


def test_the_keys_of_who_may_set_up_nothing_more_end_when_that_is_wished(cast: Cast) -> None:
    for name, wish in (("ed", {}), ("flo", {"with_keys": "1"})):
        _add(cast, name, "admin")
        with cast.scope(), acting(Actor("user", cast.users[name], name)):
            theirs = create_api_key(name, ("admin",))
        form = {"role": "viewer", **wish}
        assert cast.client("alice").post(f"settings/team/{cast.users[name]}/role", form).status_code == 303
        assert cast.api(theirs).get("partners").status_code == (401 if wish else 200)
    assert cast.api().get("partners").status_code == 200, "the keys of others stay"


def test_ending_keys_is_offered_where_somebody_may_have_made_some(cast: Cast) -> None:
    _add(cast, "ed", "admin")
    alice = cast.client("alice")
    offered = [alice.get(f"settings/team/{cast.users[name]}").text.count("with_keys") for name in ("ed", "bob")]
    assert offered[0] > offered[1] > 0


@pytest.mark.parametrize("act", ["settings/team/invites", "{bob}/role", "{bob}/removal"])
def test_who_works_here_is_changed_by_a_fresh_sign_in_alone(cast: Cast, act: str) -> None:
    address = act.replace("{bob}", f"settings/team/{cast.users['bob']}")
    alice, form = cast.client("alice"), {"email": "new@example.com", "role": "lead"}
    with directory_scope(), atomic() as session:
        session.execute(
            update(UserSession).where(UserSession.user_id == cast.users["alice"]).values(fresh_until=_LONG_AGO)
        )
    answer = alice.post(address, form)
    assert answer.status_code == 303 and answer.location.startswith("/account/verify")
    with cast.scope():
        found = queries.find_member_by_email(cast.email("bob"))
        assert found is not None and found[0].role == "agent" and list_invites() == []


def test_an_admin_always_remains(cast: Cast) -> None:
    assert _remove(cast, "alice").status_code == 303
    assert _change(cast, "alice", "viewer").status_code == 422
    _add(cast, "ed", "admin")
    clients = {"alice": cast.client("alice"), "ed": cast.client("ed")}
    pairs = [("alice", "ed"), ("ed", "alice")]
    threads = [
        threading.Thread(target=clients[one].post, args=(f"settings/team/{cast.users[other]}/removal", {}))
        for one, other in pairs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with cast.scope():
        assert len(queries.list_members(roles=("admin",))) == 1


def test_who_would_be_the_last_admin_is_said_on_the_page(cast: Cast, monkeypatch: Any) -> None:
    """Two admins remove each other: the second finds itself the last."""
    _add(cast, "ed", "admin")

    def last(*_args: Any, **_more: Any) -> None:
        raise Conflict("Somebody has to remain an admin.", [Fault("/role", "the last admin")])

    monkeypatch.setattr(service, "end_membership", last)
    answer = _remove(cast, "ed")
    assert answer.status_code == 422 and "Somebody has to remain an admin." in answer.text


def test_one_member_is_one_statement_however_many_there_are(cast: Cast) -> None:
    with cast.scope(), count_queries() as statements:
        membership = queries.get_member(cast.users["bob"])
        found = queries.find_member_by_email(f" {cast.email('bob').upper()}")
    assert found is not None and found[0] is membership and found[1].name == "Bob"
    assert len(statements) == 2
    by_id, by_address = (statement.partition("WHERE")[2] for statement in statements)
    assert "users.id = " in by_id and "users.email = " in by_address
    with cast.scope():
        assert queries.find_member_by_email("a\0b") is None
        with pytest.raises(NotFound):
            queries.get_member(UUID(int=5))


def test_a_member_who_is_narrowed_is_the_one_that_is_there_now(cast: Cast) -> None:
    with cast.scope():
        before = queries.get_member(cast.users["bob"])
        assert before.role == "agent"

        def promote() -> None:
            service.change_role(cast.users["bob"], "admin", "admin")

        assert at_once(cast, promote) == [None]
        assert queries.get_member(cast.users["bob"]).role == "admin"


@pytest.mark.parametrize("role", ["partner", "owner", ""])
def test_a_role_that_is_none_changes_nothing(cast: Cast, role: str) -> None:
    assert _change(cast, "dana", role).status_code == 422
    with cast.scope():
        found = queries.find_member_by_email(cast.email("dana"))
        assert found is not None and found[0].role == "analyst"


def test_a_partners_user_stays_one(cast: Cast) -> None:
    assert _change(cast, "pat", "viewer").status_code in (404, 422)
    assert cast.client("alice").get(f"settings/team/{cast.users['pat']}").status_code == 404


@pytest.mark.parametrize("who", ["bob", "dana", "pat"])
def test_only_admins_see_the_team(cast: Cast, who: str) -> None:
    client = cast.client(who)
    assert client.get("settings/team").status_code == 403
    assert _change(cast, "dana", "admin", by=who).status_code == 403
    assert client.post("settings/team/invites", {"email": "x@example.com", "role": "admin"}).status_code == 403


def test_another_tenants_people_are_not_there(cast: Cast, others: Cast) -> None:
    charlie = others.client("charlie")
    for act, form in (("role", {"role": "viewer"}), ("removal", {})):
        assert charlie.post(f"settings/team/{cast.users['bob']}/{act}", form).status_code == 404
    with cast.scope():
        assert queries.find_member_by_email(cast.email("bob")) is not None


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_the_page_of_a_person_is_for_every_role(cast: Cast, role: str) -> None:
    _change(cast, "dana", role)
    assert cast.client("alice").get(f"settings/team/{cast.users['dana']}").status_code == 200
    assert "This is you" in cast.client("alice").get(f"settings/team/{cast.users['alice']}").text
