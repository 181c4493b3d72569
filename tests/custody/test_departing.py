"""A tenant goes: days in which it can be kept, then nothing of it is left anywhere and nobody else misses a byte.

What is left says so, signed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import psycopg
import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.config import Settings
from app.custody import commands
from app.custody.departing import queries, service
from app.custody.departing.models import Departure
from app.custody.keeping import service as keeping
from app.custody.keeping.forms import DEFAULT
from app.kernel import clock, outbox, tokens
from app.kernel.db import Base, atomic, db
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import directory_scope
from app.runtime import embedded
from app.tenants import audit
from app.tenants import service as tenants
from app.tenants.models import AuditEvent, Membership, Tenant, User
from app.tenants.trail.commands import verify as verify_audit
from app.tenants.trail.models import AuditSeal
from tests import smtp
from tests.audits import list_audit
from tests.cast import PASSWORD, Cast
from tests.custody.leaving import MONTH, WEEK, asked, example_of, found, gone, run_directory_jobs, run_removals
from tests.custody.operating import run_command
from tests.house.life import make_world
from tests.house.probes import Ledger
from tests.house.world import World

STAY = {"departures", "tenants"}


@pytest.fixture(autouse=True)
def clock_is_put_back() -> Iterator[None]:
    yield
    clock.shift(0)


# --- asking, and keeping ---


def test_it_is_asked_for_by_its_short_name(cast: Cast) -> None:
    alice = cast.client("alice")
    refused = alice.post("settings/data/deletion", {"slug": "another"})
    assert (refused.status_code, "another short name" in refused.text) == (422, True)
    with cast.scope(), pytest.raises(Invalid):
        service.ask_to_depart(cast.users["alice"], cast.slug.upper())
    assert alice.post("settings/data/deletion", {"slug": cast.slug}).status_code == 303
    with cast.scope():
        assert list_audit()[0].action == "data.deletion_asked"
        with pytest.raises(Conflict):
            service.ask_to_depart(cast.users["alice"], cast.slug)


@pytest.mark.parametrize("who", ["bob", "dana", "pat"])
def test_admins_alone_ask_for_it(cast: Cast, who: str) -> None:
    client = cast.client(who)
    assert client.post("settings/data/deletion", {"slug": cast.slug}).status_code == 403
    assert client.post("settings/data/deletion/withdrawal").status_code == 403


def test_everything_works_on_and_everybody_is_told(cast: Cast, mail: smtp.Server) -> None:
    with cast.scope():
        tenants.add_member(cast.email("ann"), "admin", PASSWORD, name="Ann")
    asked(cast)
    cast.run_jobs()
    assert {cast.email("alice"), cast.email("ann")} == set(mail.recipients)
    assert "is about to be deleted" in str(mail.mails[-1]["Subject"])
    home = cast.client("bob").get("")
    assert (home.status_code, "will be deleted on" in home.text) == (200, True)
    assert "can keep it" in home.text
    assert cast.api().get("touchpoints").status_code == 200


def test_any_admin_takes_it_back(cast: Cast, mail: smtp.Server) -> None:
    departure_id = asked(cast)
    with cast.scope():
        ann = tenants.add_member(cast.email("ann"), "admin", PASSWORD, name="Ann")
    cast.users["ann"] = ann
    assert cast.client("ann").post("settings/data/deletion/withdrawal").status_code == 303
    assert cast.client("ann").post("settings/data/deletion/withdrawal").status_code == 303
    cast.run_jobs()
    assert "is kept" in str(mail.mails[-1]["Subject"])
    clock.shift(WEEK)
    run_directory_jobs()
    assert found(departure_id).closed_at is None
    assert "will be deleted on" not in cast.client("bob").get("").text
    asked(cast)


def test_before_its_time_nothing_goes(cast: Cast) -> None:
    departure_id = asked(cast)
    clock.shift(WEEK - 3600)
    run_directory_jobs()
    with directory_scope():
        assert service.delete_tenant(departure_id) is False
    assert found(departure_id).closed_at is None


# --- it goes ---


@pytest.fixture(scope="module")
def superuser(settings: Settings, services: embedded.Services) -> Iterator[psycopg.Connection]:
    with psycopg.connect(services.superuser_url, dbname="heed", autocommit=True) as connection:
        yield connection


def traces_of(superuser: psycopg.Connection, wanted: str) -> dict[str, int]:
    """In which tables a text stands in any column of any row."""
    counts = {}
    for table in Base.metadata.tables:
        query = f"SELECT count(*) FROM {table} AS one WHERE one::text ~* %s"
        [(counts[table],)] = superuser.execute(query.encode(), [wanted]).fetchall()
    return {table: count for table, count in counts.items() if count}


def test_nothing_is_left_and_nobody_else_misses_a_byte(
    application: OpenAPI, superuser: psycopg.Connection, services: embedded.Services, cast: Cast
) -> None:
    """Remedy: a table that names its tenant goes by itself; what holds something of it elsewhere is for service.py."""
    world: World = make_world(application, mark="g")
    neighbour = make_world(application, mark="h")
    with world.cast.scope():
        keeping.choose(DEFAULT, is_held=False)
        shared = world.cast.users["lee"]  # works elsewhere, too
    with cast.scope(), atomic() as session:
        session.add(Membership(user_id=shared, role="viewer", created_at=clock.now()))
    ledger = Ledger(superuser)
    before = {other: ledger.of(other) for other in (neighbour.cast.tenant_id, cast.tenant_id)}
    held = traces_of(superuser, str(world.cast.tenant_id))
    assert len(held) > 50, "the world holds something of everything"
    departure = gone(world.cast)
    assert departure.ended_at is not None
    assert traces_of(superuser, str(world.cast.tenant_id)).keys() == STAY
    clock.shift(WEEK + MONTH)
    run_directory_jobs()
    assert found(departure.id).people is None
    left = traces_of(superuser, r"g-(canary|other)-")
    assert left.keys() <= {"users"}
    names = {row[0] for row in superuser.execute("SELECT id FROM users WHERE name ~* 'g-canary-'").fetchall()}
    assert names == {shared}, "who works elsewhere stays"
    assert {other: ledger.of(other) for other in before} == before
    assert not [key for key in redis_keys(application) if str(world.cast.tenant_id) in key or world.cast.slug in key]


def redis_keys(application: OpenAPI) -> list[str]:
    import redis

    url = application.extensions["heed_settings"].redis_url
    client = redis.Redis.from_url(url)
    try:
        return [key.decode("latin-1") for key in client.scan_iter(count=1000)]
    finally:
        client.close()


def test_the_doors_close_first(whole: World, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as it begins, with every row still there."""
    clients = {name: cast.client(name) for name in ("alice", "bob", "pat")}
    departure_id, key = asked(cast), cast.api()
    link = tokens.issue("respond", cast.tenant_id, UUID(int=1))
    with cast.scope():
        tenants.change_settings({"follow_up_days": 9})
    clock.shift(WEEK)
    with monkeypatch.context() as patch, directory_scope():
        patch.setattr(service, "_remove_all", lambda *_given: False)
        assert service.delete_tenant(departure_id) is False
    assert found(departure_id).closed_at is not None
    assert outbox.due_tenants() == [] or cast.tenant_id not in outbox.due_tenants()
    for client in clients.values():
        assert client.get("").status_code in (303, 404)
    assert key.get("touchpoints").status_code == 401
    closed = clients["bob"].get(f"/r/{link}")
    assert (closed.status_code, "closed" in closed.text) == (410, True)
    assert clients["bob"].get(f"/s/{cast.slug}/any").status_code == 404
    assert cast.slug not in clients["bob"].get("/organisations").text
    with cast.scope():
        service.take_back()  # too late
    assert found(departure_id).taken_back_at is None


def test_killed_half_way_it_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    departure_id, real, count = asked(cast), service._remove_batch, [0]

    def die_sometimes(*given: Any) -> Any:
        count[0] += 1
        if count[0] % 7 == 0:
            raise RuntimeError("the machine stops")
        return real(*given)

    with cast.scope():
        rows = sum(queries.count_left(cast.tenant_id).values())
    clock.shift(WEEK)
    with monkeypatch.context() as patch:
        patch.setattr(service, "_remove_batch", die_sometimes)
        for _turn in range(4):
            with pytest.raises(RuntimeError), directory_scope():
                service.delete_tenant(departure_id)
    assert found(departure_id).ended_at is None
    with directory_scope():
        assert service.delete_tenant(departure_id) is False, "somebody may be under way"
        clock.shift(WEEK + 61)
        assert service.delete_tenant(departure_id) is True
        assert service.delete_tenant(departure_id) is True
    proof = found(departure_id).proof
    assert proof is not None
    # Seals came in between, and what waited in the outbox went with the doors.
    assert rows - 5 <= proof["rows_removed_in_all"] <= rows + 20
    assert set(proof["rows_left"].values()) == {0}


def test_a_worker_that_leaves_hands_it_on(cast: Cast) -> None:
    departure_id = asked(cast)
    clock.shift(WEEK)
    with directory_scope():
        assert service.delete_tenant(departure_id, lambda: True) is False
    run_removals()
    assert found(departure_id).ended_at is not None


def test_what_comes_late_goes_as_well(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    departure_id, real = asked(cast), service._remove_all

    def with_a_late_row(*given: Any) -> bool:
        done = real(*given)
        with atomic():
            db.session.add(AuditEvent(at=clock.now(), actor_kind="system", actor_label="", action="x.y",
                                      subject_type="x", subject_id="1"))  # fmt: skip
        return done

    clock.shift(WEEK)
    with monkeypatch.context() as patch, directory_scope():
        patch.setattr(service, "_remove_all", with_a_late_row)
        assert service.delete_tenant(departure_id) is False
        clock.shift(WEEK + 61)
        assert service.delete_tenant(departure_id) is False
    run_directory_jobs()
    assert found(departure_id).ended_at is not None


# --- what keeps the audit of everybody else ---


@pytest.mark.parametrize("model", [AuditEvent, AuditSeal, Membership])
def test_an_ordinary_tenant_lets_nobody_delete_its_audit(cast: Cast, others: Cast, model: type[Any]) -> None:
    """Not even while another one goes, and not while its own days of grace run."""
    asked(cast)
    for tenant in (cast, others):
        with tenant.scope():
            audit_of(tenant)
        tenant.run_jobs()  # which seal it
    clock.shift(WEEK)
    for tenant in (cast, others):
        with tenant.scope(), atomic() as session:
            before = len(session.scalars(select(model.id).where(model.tenant_id == tenant.tenant_id)).all())
            session.execute(delete(model).where(model.tenant_id == tenant.tenant_id))
            after = len(session.scalars(select(model.id).where(model.tenant_id == tenant.tenant_id)).all())
            assert before == after > 0


def audit_of(cast: Cast) -> None:
    with atomic():
        audit.record("settings.changed", "tenant", cast.tenant_id, after={"a": 1})


def test_the_grace_cannot_be_cut_short(cast: Cast) -> None:
    departure_id, now = asked(cast), clock.now()
    for values in ({"closed_at": now}, {"ends_at": now}, {"ended_at": now, "proof": {}}):
        with directory_scope(), pytest.raises(IntegrityError), atomic() as session:
            session.execute(update(Departure).where(Departure.id == departure_id).values(**values))


# --- what is left ---


def test_the_proof_is_signed_and_names_nobody(cast: Cast, mail: smtp.Server) -> None:
    departure = gone(cast)
    assert departure.proof is not None
    proof = json.loads(json.dumps(departure.proof))
    assert service.is_genuine(proof)
    text = json.dumps(proof)
    for name in ("alice", "bob", cast.slug, *map(str, cast.users.values())):
        assert name not in text
    assert proof["rows_removed"]["memberships"] == 4
    assert proof["audit_head"]["seq"] == proof["rows_removed"]["audit_seals"]
    assert proof["rows_left"].keys() == {table.name for table in queries.tables_in_order()}
    for change in ({"tenant_id": "0"}, {"rows_left": {}}, {"signature": {}}, {"signature": 1}, {"more": 1}):
        assert not service.is_genuine({**proof, **change})
    letter = mail.mails[-1].get_body(("plain",)).get_content()
    link = re.search(r"/proofs/\S+", letter)
    assert link is not None
    fetched = cast.app.test_client().get(link[0])
    assert (fetched.status_code, fetched.json == proof) == (200, True)
    assert cast.app.test_client().get(link[0][:-3] + "AAA").status_code == 404


def test_its_short_name_stays_taken_unless_it_was_an_example(cast: Cast, others: Cast) -> None:
    gone(cast)
    clock.shift(0)
    with pytest.raises(Conflict):
        tenants.create_tenant(cast.slug, "Another", f"new@{cast.slug}.example", PASSWORD)
    with directory_scope():
        service.remove_now(others.tenant_id, frees_slug=True)
    run_removals()
    tenants.create_tenant(others.slug, "Another", f"new@{others.slug}.example", PASSWORD)
    with directory_scope():
        tombstone = db.session.get(Tenant, cast.tenant_id)
        assert tombstone is not None
        assert (tombstone.name, tombstone.slug) == ("", cast.slug)


def left_of(cast: Cast) -> Mapping[str, int]:
    with cast.scope():
        return {name: count for name, count in queries.count_left(cast.tenant_id).items() if count}


def test_a_removed_example_is_deleted_like_a_tenant(cast: Cast) -> None:
    example = example_of(cast)
    assert cast.client("alice").post("example/removal").status_code == 404, "not from the owner's own pages"
    assert example.client("alice").post("example/removal").status_code == 303
    run_removals()
    assert left_of(example) == {}
    with directory_scope():
        assert db.session.scalars(select(Departure).where(Departure.tenant_id == example.tenant_id)).one().ended_at
    assert left_of(cast) != {}
    assert cast.client("alice").get("").status_code == 200


def test_an_owner_takes_its_example_along(cast: Cast) -> None:
    example = example_of(cast)
    gone(cast)
    assert left_of(cast) == left_of(example) == {}
    clock.shift(0)
    assert example.client("alice").get("").status_code in (303, 404)


def test_removal_at_once_overtakes_a_grace(cast: Cast) -> None:
    first = asked(cast)
    with directory_scope():
        second = service.remove_now(cast.tenant_id)
        assert service.remove_now(cast.tenant_id) == second
    run_removals()
    assert found(first).taken_back_at is not None
    assert found(second).ended_at is not None


def test_log_ins_go_after_a_month_unless_they_open_something_else(cast: Cast, others: Cast) -> None:
    with others.scope(), atomic() as session:
        session.add(Membership(user_id=cast.users["bob"], role="viewer", created_at=clock.now()))
    alice = cast.client("alice")
    departure = gone(cast)
    with directory_scope():
        assert db.session.get_one(User, cast.users["alice"]).is_active
    clock.shift(WEEK + MONTH)
    run_directory_jobs()
    with directory_scope():
        blank, kept = (db.session.get(User, cast.users[name]) for name in ("alice", "bob"))
        assert blank is not None
        assert kept is not None
        assert (blank.name, blank.is_active, blank.email.endswith("@gone.invalid")) == ("", False, True)
        assert (kept.name, kept.is_active) == ("Bob", True)
    assert alice.get("/organisations").status_code in (302, 303)
    assert found(departure.id).people is None


# --- by command ---


@pytest.mark.usefixtures("waiting_is_quick")
def test_an_operator_deletes_at_once_and_keeps_the_proof(cast: Cast, others: Cast, tmp_path: Path) -> None:
    heads = run_command(verify_audit, "--json")
    (tmp_path / "heads.json").write_text(heads.output)
    assert isinstance(run_command(commands.delete, cast.slug, "--confirm", "another").exception, click.UsageError)
    done = run_command(commands.delete, cast.slug, "--confirm", cast.slug, "--now")
    assert done.exception is None, done.exception
    file = tmp_path / "proof.json"
    file.write_text(done.stdout)
    assert run_command(commands.verify, str(file)).return_value == 0
    file.write_text(done.stdout.replace('"rows_removed_in_all": ', '"rows_removed_in_all": 1'))
    assert run_command(commands.verify, str(file)).return_value == 1
    later = run_command(verify_audit, "--head", str(tmp_path / "heads.json"), "--json")
    assert str(cast.tenant_id) not in {one["tenant_id"] for one in json.loads(later.output)["tenants"] if one["faults"]}
    run_command(commands.delete, others.slug, "--confirm", others.slug)
    with directory_scope():
        waiting = queries.find_running(others.tenant_id)
        assert waiting is not None
        assert (waiting.closed_at, waiting.asked_by) == (None, None)


def test_the_order_of_tables_is_children_first() -> None:
    order = {table.name: place for place, table in enumerate(queries.tables_in_order())}
    for table in queries.tables_in_order():
        for key in table.foreign_keys:
            target = key.column.table.name
            if target in order and target != table.name:
                assert order[table.name] < order[target], (table.name, target)
