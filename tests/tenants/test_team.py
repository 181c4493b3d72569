"""Roles change and people leave: at once, with an admin left, and their cases go to somebody."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from app.kernel.db import db
from app.kernel.scope import Actor, acting
from app.loop.cases.models import Case
from app.loop.cases.service import assign_case, close_case
from app.tenants import queries, service
from app.tenants.key_service import create_api_key
from app.tenants.rules import STAFF_ROLES
from tests.cast import PASSWORD, Cast
from tests.factories.loop import make_case


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
    assert _remove(cast, "bob", heir=chosen).status_code == 422
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
