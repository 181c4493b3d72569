"""What is kept long enough goes by night: names, addresses and free text, while no figure of any past moves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from click.testing import CliRunner
from flask_openapi3 import OpenAPI
from sqlalchemy import delete, func, select, update

from app.custody.keeping import letting_go, service
from app.custody.keeping.models import Retention
from app.custody.keeping.rules import Terms, is_allowed, months_before, next_night, without_words
from app.customers import service as customers
from app.customers.intake_rules import NewCustomer
from app.customers.models import Customer, Identifier
from app.delivery.models import Message
from app.insights.figures import service as figures
from app.insights.figures.models import RollupCell, RollupFact
from app.insights.scorecards.models import ScorecardMonth, ScorecardSnapshot
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.outbox_model import OutboxRow
from app.kernel.scope import Actor, acting, tenant_scope
from app.loop.cases import service as cases
from app.loop.cases.models import Case, CaseEvent
from app.surveys.answering.models import Answer, Response
from app.surveys.outreach.models import Interaction, Invitation
from app.tenants import audit
from app.tenants.audit_words import FIELD_WORDS
from app.tenants.models import AuditEvent
from app.tenants.trail import queries as trail
from app.tenants.trail.checking import verify_audit
from app.tenants.trail.commands import audit as audit_command
from app.tenants.trail.models import AuditSeal, AuditWord
from tests.audits import list_audit
from tests.cast import Cast
from tests.factories.journeys import make_touchpoint
from tests.factories.loop import make_case
from tests.house.life import make_world
from tests.house.world import World

USUAL = Terms(13, 24, 36, None)
YEARS = 4 * 366 * 24 * 3600


@pytest.fixture(autouse=True)
def clock_is_put_back() -> Iterator[None]:
    yield
    clock.shift(0)


def close_all_cases(world: World) -> None:
    with world.cast.scope(), atomic():
        for case in db.session.scalars(select(Case).where(Case.status != "closed")):
            case.status, case.closed_at, case.closure_outcome = "closed", clock.now(), "rejected"


def planned(cast: Cast) -> datetime:
    with cast.scope():
        row = service.find_retention()
        assert row is not None
        return row.next_at


def run(cast: Cast) -> bool:
    with cast.scope():
        return service.apply_retention(planned_here())


def planned_here() -> datetime:
    found = db.session.scalar(select(Retention.next_at))
    db.session.rollback()
    assert found is not None
    return found


def choose(cast: Cast, terms: Terms = USUAL, *, is_held: bool = False) -> None:
    with cast.scope():
        service.choose(terms, is_held=is_held)


def figures_of(cast: Cast) -> dict[str, Any]:
    """Everything that any figure is read from, and what was published."""
    with cast.scope():
        figures.rebuild()
        made = {}
        for model in (RollupFact, RollupCell, ScorecardMonth):
            columns = list(db.metadata.tables[model.__tablename__].c)
            made[model.__tablename__] = sorted(map(str, db.session.execute(select(*columns)).all()))
        cards = db.session.execute(select(ScorecardSnapshot.id, ScorecardSnapshot.content)).all()
        made["cards"] = sorted(f"{row[0]} {without_words(json.loads(row[1]))}" for row in cards)
        asked = select(Invitation.touchpoint_id, Invitation.status, func.count()).group_by(
            Invitation.touchpoint_id, Invitation.status
        )
        made["asked"] = sorted(map(str, db.session.execute(asked).all()))
        made["measures"] = sorted(map(str, db.session.execute(select(Interaction.id, Interaction.measures)).all()))
        return made


def text_of(cast: Cast, *, but: tuple[str, ...] = ()) -> str:
    """All that the tenant's tables hold."""
    found = []
    with cast.scope():
        for table in db.metadata.sorted_tables:
            if "tenant_id" in table.c and table.name not in (*but, "memberships"):
                rows = db.session.execute(select(table).where(table.c.tenant_id == cast.tenant_id)).all()
                found += [f"{table.name} {row}" for row in rows]
    return "\n".join(found).lower()


def test_whatever_is_old_goes_and_no_figure_moves(application: OpenAPI) -> None:
    """Remedy: a new text about customers has to be let go of in letting_go.py."""
    with application.app_context():
        world = make_world(application, mark="k")
        close_all_cases(world)
        clock.shift(YEARS)
        world.cast.run_jobs()  # what was asked and never answered is over
        before = figures_of(world.cast)
        assert len(before["rollup_facts"]) > 10
        choose(world.cast)
        assert run(world.cast)
        assert figures_of(world.cast) == before
        # What the tenant has set up itself stays, and what was told to other systems does for 30 days.
        held = text_of(world.cast, but=MACHINES)
        left = {about: mark for mark, about in world.texts.meaning.items() if mark in held and about in ABOUT_CUSTOMERS}
        with world.cast.scope():
            silent = {row.value.lower() for row in db.session.scalars(select(Identifier))}
            assert db.session.scalars(select(Message.created_at)).all() == [] or min(
                db.session.scalars(select(Message.created_at))
            ) > clock.now() - timedelta(days=1)
        left = {about: mark for about, mark in left.items() if not any(mark in value for value in silent)}
        assert left == {}, [line[:90] for line in held.splitlines() if any(mark in line for mark in left.values())]
        with world.cast.scope():
            (told,) = [event for event in list_audit() if event.action == "retention.applied"]
            assert told.after is not None
            assert {"cases", "responses", "interactions", "invitations", "customers"} <= told.after.keys()
        again = text_of(world.cast)
        clock.shift(YEARS + 2 * 24 * 3600)
        assert run(world.cast)
        assert_same_but_for_the_plan(world.cast, again)


def assert_same_but_for_the_plan(cast: Cast, before: str) -> None:
    """A second night finds nothing: no second row in the audit."""
    with cast.scope():
        assert len([event for event in list_audit() if event.action == "retention.applied"]) == 1
    assert before


MACHINES = ("webhook_deliveries", "idempotency_records", "messages")
ABOUT_CUSTOMERS = {
    "name of a customer",
    "an address",
    "an id of a customer",
    "value of a customer's attribute",
    "name of a customer's attribute",
    "name of an employee",
    "id of an employee",
    "value of an attribute",
    "name of an attribute",
    "a comment",
    "an address in a comment",
    "a second answer",
    "a comment sent by a machine",
    "address sent by a machine",
    "note of a contact",
    "note of an attempt",
    "a note",
    "reason of a severity",
    "reason of a wait",
    "reason of a wait for the partner",
    "what was done",
    "message to a customer",
    "note of a closure",
    "note of a rejection",
    "note of a merger",
    "reason of a reopening",
    "more about what is not solved",
    "a question to a partner",
    "an answer of a partner",
    "a fact of a partner",
    "an open question",
}


def test_the_pages_of_what_was_forgotten_still_open(application: OpenAPI) -> None:
    with application.app_context():
        world = make_world(application, mark="l")
        close_all_cases(world)
        clock.shift(YEARS)
        choose(world.cast)
        run(world.cast)
        alice, names = world.cast.client("alice"), world.names
        pages = [f"cases/{names['case']}", "cases/", "customers/", "responses/", f"responses/{names['response']}"]
        assert {page: alice.get(page).status_code for page in ("", *pages)} == dict.fromkeys(("", *pages), 200)
        key = world.cast.api()
        assert {key.get(path).status_code for path in ("responses", "cases", f"cases/{names['case']}")} == {200}


def test_what_is_young_stays(whole: World) -> None:
    with whole.cast.scope():
        assert set(letting_go.count_due(USUAL, clock.now()).values()) == {0}


def test_one_that_opened_a_case_goes_with_its_case(application: OpenAPI) -> None:
    with application.app_context():
        world = make_world(application, mark="m")
        cast = world.cast
        with cast.scope():
            with_case = set(db.session.scalars(select(Case.response_id)))
        clock.shift(YEARS)
        choose(cast, Terms(None, 24, None, None))
        run(cast)
        with cast.scope():
            blank = set(db.session.scalars(select(Response.id).where(Response.content_hash == "forgotten")))
            assert blank
            assert not blank & with_case
            noted = select(CaseEvent.id).where(CaseEvent.kind == "noted", CaseEvent.text.is_not(None)).limit(1)
            assert db.session.scalar(noted)
            free = select(Answer.id).where(Answer.response_id.in_(blank), Answer.type == "text")
            assert db.session.scalar(free) is None
            scored = select(Answer.id).where(Answer.response_id.in_(blank), Answer.number.is_not(None)).limit(1)
            assert db.session.scalar(scored)


def test_the_name_of_a_partners_author_goes_with_the_case(cast: Cast) -> None:
    with cast.scope(), acting(Actor("user", cast.users["bob"], "Bob")):
        make_touchpoint("delivery", partner="pats")
        number = make_case().number
    with tenant_scope(cast.tenant_id, cast.partner_id), acting(Actor("user", cast.users["pat"], "Pat of the vans")):
        cases.add_fact(number, "It fell off")
    cast.run_jobs()
    with cast.scope(), acting(Actor("user", cast.users["bob"], "Bob")):
        cases.close_case(number, "rejected", "Nothing to do")
    clock.shift(YEARS)
    choose(cast)
    assert run(cast)
    with cast.scope():
        labels = db.session.execute(select(CaseEvent.kind, CaseEvent.actor_label).order_by(CaseEvent.id)).all()
    assert {row[0]: row[1] for row in labels} == {"opened": "Bob", "partner_added": "", "closed": "Bob"}
    names = re.findall(r"<strong>(.*?)</strong>", cast.client("alice").get(f"cases/{number}").text)
    assert len([name for name in names if "Vans" in name]) == 1 and "Heed" not in "".join(names), names


def told_of(cast: Cast, address: str) -> Customer:
    with cast.scope():
        found, _new = customers.register_customer(NewCustomer([("email", address)], "Ana", None, None, {"a": "b"}))
        return found


def test_whoever_wants_no_surveys_is_known_by_address_alone(cast: Cast) -> None:
    silent, gone = told_of(cast, "silent@example.com"), told_of(cast, "gone@example.com")
    with cast.scope():
        customers.suppress(silent.id, "staff")
    clock.shift(YEARS)
    choose(cast)
    run(cast)
    with cast.scope():
        rows = {row.id: row for row in db.session.scalars(select(Customer))}
        assert rows.keys() == {silent.id, cast.tenant_id}
        assert (rows[silent.id].name, rows[silent.id].attributes) == (None, {})
        assert [row.value for row in db.session.scalars(select(Identifier))] == ["silent@example.com"]
    again = told_of(cast, "silent@example.com")
    assert again.id == silent.id
    assert told_of(cast, "gone@example.com").id != gone.id


def test_nothing_goes_before_somebody_has_chosen(cast: Cast) -> None:
    told_of(cast, "ana@example.com")
    page = cast.client("alice").get("settings/data/retention")
    assert "before you have saved this page once" in page.text
    clock.shift(YEARS)
    cast.run_jobs()
    with cast.scope():
        assert db.session.scalar(select(func.count()).select_from(Identifier)) == 1


def test_a_hold_keeps_everything(cast: Cast) -> None:
    told_of(cast, "ana@example.com")
    clock.shift(YEARS)
    choose(cast, is_held=True)
    assert run(cast)
    with cast.scope():
        assert db.session.scalar(select(func.count()).select_from(Identifier)) == 1
        assert list_audit()[0].after == {
            "invitation_months": 13, "response_months": 24, "case_months": 36, "audit_months": None, "is_held": True
        }  # fmt: skip
    choose(cast)
    assert run(cast)
    with cast.scope():
        assert db.session.scalar(select(func.count()).select_from(Identifier)) == 0


def test_it_runs_by_night_and_plans_the_next(cast: Cast) -> None:
    choose(cast)
    choose(cast, Terms(14, 24, 36, None))
    first = planned(cast)
    cast.run_jobs()
    assert planned(cast) == first, "it is not night yet"
    clock.shift(24 * 3600 + 60)
    cast.run_jobs()
    assert planned(cast) - first == timedelta(days=1)
    with cast.scope():
        assert service.apply_retention(first), "a run that is over is not run again"
    assert planned(cast) - first == timedelta(days=1)


def test_a_night_that_nobody_tries_any_more_is_planned_anew(cast: Cast) -> None:
    choose(cast)
    first = planned(cast)
    with cast.scope(), atomic():
        db.session.execute(update(OutboxRow).where(OutboxRow.job == "apply_retention").values(dead_at=clock.now()))
    clock.shift(3 * 24 * 3600)
    alice = cast.client("alice")
    assert "is not over" in alice.get("settings/data/retention").text
    alice.post("settings/data/retention", {"response": "24", "act": "save"})
    second = planned(cast)
    assert timedelta() < second - clock.now() <= timedelta(days=1)
    assert "is not over" not in alice.get("settings/data/retention").text
    choose(cast)
    assert planned(cast) == second > first
    clock.shift(4 * 24 * 3600 + 60)
    cast.run_jobs()
    assert planned(cast) > second


def test_broken_off_it_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_BATCH", 2)
    for number in range(5):
        told_of(cast, f"ana{number}@example.com")
    clock.shift(YEARS)
    choose(cast)
    with cast.scope():
        assert service.apply_retention(planned_here(), lambda: True) is False
        assert db.session.scalar(select(func.count()).select_from(Identifier)) == 3
    cast.run_jobs()
    with cast.scope():
        assert db.session.scalar(select(func.count()).select_from(Identifier)) == 0
        (told,) = [event for event in list_audit() if event.action == "retention.applied"]
        assert told.after == {"customers": 5}


class Meanwhile:
    """What somebody saves after the first batch of a run, which breaks off after a few more."""

    def __init__(self, terms: Terms) -> None:
        self.terms, self.asked = terms, 0

    def __call__(self) -> bool:
        self.asked += 1
        if self.asked == 1:
            service.choose(self.terms, is_held=False)
        return self.asked > 3


@pytest.mark.parametrize("months", [None, 120])
def test_what_is_saved_during_a_run_counts_at_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, months: int | None
) -> None:
    monkeypatch.setattr(service, "_BATCH", 1)
    for number in range(3):
        told_of(cast, f"ana{number}@example.com")
    clock.shift(YEARS)
    choose(cast)
    with cast.scope():
        assert service.apply_retention(planned_here(), Meanwhile(Terms(13, months, 36, None)))
        assert db.session.scalar(select(func.count()).select_from(Identifier)) == 2


@pytest.fixture
def owner(services: Any) -> Iterator[psycopg.Connection]:
    """Somebody else in the database, from whom row security hides nothing."""
    with psycopg.connect(services.superuser_url, dbname="heed") as connection:
        yield connection


def test_what_is_due_cannot_change_until_it_has_gone(
    application: OpenAPI, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case that is reopened in this moment keeps its words. (Nobody can change a row of the audit.)"""
    free: dict[str, int] = {}

    def watched(step: letting_go.Step) -> letting_go.Step:
        def let_go(ids: Any) -> None:
            table = step.due(clock.now(), {}).get_final_froms()[0].description
            query = f"SELECT id FROM {table} WHERE id = ANY(%s) FOR UPDATE SKIP LOCKED"
            free[step.name] = len(owner.execute(query, [list(ids)]).fetchall())
            owner.rollback()
            step.let_go(ids)

        return replace(step, let_go=let_go)

    monkeypatch.setattr(letting_go, "STEPS", tuple(map(watched, letting_go.STEPS[:-1])))
    with application.app_context():
        world = make_world(application, mark="n")
        close_all_cases(world)
        clock.shift(YEARS)
        world.cast.run_jobs()
        choose(world.cast)
        assert run(world.cast)
    assert free == {step.name: 0 for step in letting_go.STEPS}


def test_what_somebody_is_at_waits_for_another_night_and_is_not_counted(cast: Cast, owner: psycopg.Connection) -> None:
    busy = told_of(cast, "busy@example.com")
    told_of(cast, "gone@example.com")
    clock.shift(YEARS)
    choose(cast)
    owner.execute("SELECT id FROM customers WHERE tenant_id = %s AND id = %s FOR UPDATE", [cast.tenant_id, busy.id])
    batches = iter(range(9))
    with cast.scope():
        assert service.apply_retention(planned_here(), lambda: next(batches) > 3)
    owner.rollback()
    assert run(cast)
    with cast.scope():
        told = [event.after for event in list_audit() if event.action == "retention.applied"]
        assert told == [{"customers": 1}, {"customers": 1}]


@pytest.mark.parametrize(
    ("table", "moment", "leaves_out"),
    [
        ("cases", "closed_at", "customer_id IS DISTINCT FROM tenant_id"),
        ("responses", "answered_at", "None"),
        ("interactions", "occurred_at", "customer_id <> tenant_id"),
        ("invitations", "created_at", "customer_id <> tenant_id"),
        ("messages", "created_at", "None"),
        ("customers", "created_at", "None"),
    ],
)
def test_what_is_due_is_found_by_its_time(table: str, moment: str, leaves_out: str) -> None:
    """By an index that leaves out what has gone, where that stays: else each batch would read all that went before."""
    made = db.metadata.tables[table].indexes
    found = {str(index.dialect_options["postgresql"]["where"]) for index in made if moment in index.columns.keys()[1:2]}
    assert leaves_out in found


def test_what_is_said_to_go_tonight_is_what_goes(application: OpenAPI) -> None:
    """Also what goes only because something else goes in the same night."""
    with application.app_context():
        world = make_world(application, mark="o")
        close_all_cases(world)
        clock.shift(YEARS)
        world.cast.run_jobs()
        with world.cast.scope():
            said = letting_go.count_due(USUAL, clock.now())
        choose(world.cast)
        assert run(world.cast)
        with world.cast.scope():
            (told,) = [event.after for event in list_audit() if event.action == "retention.applied"]
        assert {name: count for name, count in said.items() if count} == told


def test_one_sees_what_would_go_before_one_saves(cast: Cast) -> None:
    told_of(cast, "ana@example.com")
    clock.shift(YEARS)
    alice = cast.client("alice")
    form = {"invitation": "13", "response": "24", "case": "", "audit": "72"}
    looked = alice.post("settings/data/retention", {**form, "act": "look"})
    assert (looked.status_code, "With these months" in looked.text, "<dd>1</dd>" in looked.text) == (200, True, True)
    with cast.scope():
        assert service.find_retention() is None
    assert alice.post("settings/data/retention", {**form, "act": "save"}).status_code == 303
    with cast.scope():
        row = service.find_retention()
        assert row is not None
        assert row.terms == Terms(13, 24, None, 72)


@pytest.mark.parametrize("wrong", ["2", "12a", "-1", "121", "99999999999", "1.5", "²"])
def test_a_term_that_cannot_be_is_refused(cast: Cast, wrong: str) -> None:
    answer = cast.client("alice").post("settings/data/retention", {"response": wrong, "act": "save"})
    assert (answer.status_code, "Write a number from 3 to 120" in answer.text) == (422, True)
    with cast.scope():
        assert service.find_retention() is None


@pytest.mark.parametrize("who", ["bob", "dana", "pat"])
def test_it_is_for_admins(cast: Cast, who: str) -> None:
    assert cast.client(who).get("settings/data/retention").status_code == 403


# --- the audit ---


AUDIT_ALONE = Terms(None, None, None, 72)
SEVEN_YEARS = 7 * 366 * 24 * 3600


def test_the_audit_is_let_go_of_and_its_chain_stays_whole(cast: Cast, others: Cast) -> None:
    for tenant in (cast, others):
        choose(tenant, AUDIT_ALONE)
        tenant.run_jobs()
    with cast.scope():
        before, seals = verify_audit(), db.session.scalar(select(func.count()).select_from(AuditSeal))
        kept_elsewhere = before.head
        assert (before.faults, before.let_go) == ([], 0)
        assert before.seals == seals == len(list_audit()) > 0
    clock.shift(SEVEN_YEARS)
    assert run(cast)
    cast.run_jobs()  # what was said of it is sealed, too
    with cast.scope():
        found = verify_audit(kept_elsewhere)
        assert (found.faults, found.let_go, found.waiting) == ([], seals, 0)
        told = {event.action: event.after for event in list_audit()}
        assert told == {"audit.let_go": {"up_to": seals, "rows": seals}, "retention.applied": {"audit": seals}}
        events, words = (set(db.session.scalars(select(of))) for of in (AuditEvent.id, AuditWord.event_id))
        assert words <= events
    with others.scope():
        assert (len(list_audit()), verify_audit().let_go) == (1, 0)
    said = CliRunner().invoke(audit_command, ["verify", "--tenant", cast.slug])
    assert (said.exit_code, f"{seals} of their rows let go" in said.output) == (0, True)


def test_what_goes_while_somebody_looks_is_no_fault(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(cast, AUDIT_ALONE)
    cast.run_jobs()
    clock.shift(SEVEN_YEARS)
    look = trail.list_seals

    def meanwhile(after: int, limit: int) -> Any:
        if not after:
            assert service.apply_retention(planned_here())
        return look(after, limit)

    monkeypatch.setattr(trail, "list_seals", meanwhile)
    with cast.scope():
        found = verify_audit()
    assert (found.faults, found.let_go) == ([], found.seals)


def test_young_rows_of_the_audit_stay_and_old_ones_go_once(cast: Cast) -> None:
    choose(cast, AUDIT_ALONE)
    cast.run_jobs()
    clock.shift(SEVEN_YEARS - 4 * 366 * 24 * 3600)
    assert run(cast)
    with cast.scope():
        assert [event.action for event in list_audit()] == ["retention.changed"]
    clock.shift(SEVEN_YEARS)
    for _night in range(2):
        assert run(cast)
        cast.run_jobs()
    with cast.scope():
        assert sorted(event.action for event in list_audit()) == ["audit.let_go", "retention.applied"]


@pytest.mark.parametrize("terms, is_held", [(USUAL, False), (AUDIT_ALONE, True)])
def test_the_database_keeps_an_audit_that_may_not_go(cast: Cast, terms: Terms, is_held: bool) -> None:
    """For good, or for now: nothing is let go of by any other way either."""
    choose(cast, terms, is_held=is_held)
    cast.run_jobs()
    clock.shift(SEVEN_YEARS)
    assert run(cast)
    with cast.scope():
        for model in (AuditEvent, AuditWord, AuditSeal):
            rows = select(func.count()).select_from(model)
            before = db.session.scalar(rows)
            with atomic():
                db.session.execute(delete(model))
            assert db.session.scalar(rows) == before


@pytest.mark.parametrize("months", [None, 120])
def test_an_audit_that_is_to_stay_from_now_on_is_not_said_to_have_gone(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, months: int | None
) -> None:
    monkeypatch.setattr(service, "_BATCH", 1)
    with cast.scope(), atomic():
        for number in range(3):
            audit.record("settings.changed", "settings", "all", after={"name": str(number)})
    choose(cast, AUDIT_ALONE)
    cast.run_jobs()
    clock.shift(SEVEN_YEARS)
    with cast.scope():
        before = len(list_audit())
        assert service.apply_retention(planned_here(), Meanwhile(Terms(None, None, None, months)))
        told = [event.action for event in list_audit()]
        assert sorted(told[:-3]) == ["audit.let_go", "retention.applied", "retention.changed"]
        assert len(told) == before - 1 + 3


def test_a_run_says_of_no_row_that_it_has_gone_which_the_database_keeps(cast: Cast) -> None:
    choose(cast, AUDIT_ALONE)
    with cast.scope():
        kept = [event.id for event in list_audit()]
        with pytest.raises(RuntimeError, match="did not let go"), atomic():
            letting_go.STEPS[-1].let_go(kept)
        assert [event.id for event in list_audit()] == kept


@pytest.mark.parametrize("terms, is_held", [(USUAL, False), (AUDIT_ALONE, True), (Terms(None, None, None, 120), False)])
def test_a_hold_or_a_longer_term_counts_at_once_and_not_from_the_next_night_on(
    cast: Cast, terms: Terms, is_held: bool
) -> None:
    choose(cast, AUDIT_ALONE)
    clock.shift(SEVEN_YEARS)
    assert run(cast)
    clock.shift(0)
    choose(cast, terms, is_held=is_held)
    with cast.scope():
        before = len(list_audit())
        with atomic():
            db.session.execute(delete(AuditEvent))
        assert len(list_audit()) == before > 0


def test_the_database_keeps_what_is_younger_than_the_term(cast: Cast) -> None:
    choose(cast, AUDIT_ALONE)
    cast.run_jobs()
    clock.shift(SEVEN_YEARS)
    assert run(cast)
    cast.run_jobs()
    with cast.scope():
        with atomic():
            db.session.execute(delete(AuditEvent))
            db.session.execute(delete(AuditSeal))
        assert len(list_audit()) == 2
        assert verify_audit().faults == []


@pytest.mark.parametrize(
    "up_to, years, faults",
    [
        pytest.param(1, 7, {"row_missing"}, id="more than was let go of"),
        pytest.param(10_000, 0, {"row_missing"}, id="younger than any term"),
        pytest.param(10_000, 7, set(), id="let go of"),
    ],
)
def test_what_was_taken_away_is_no_row_that_was_let_go_of(
    cast: Cast, services: Any, up_to: int, years: int, faults: set[str]
) -> None:
    """Whoever owns the database can write that rows were let go of: that excuses no young row."""
    with cast.scope(), atomic():
        for number in range(3):
            audit.record("settings.changed", "settings", "all", after={"name": str(number)})
    cast.run_jobs()
    clock.shift(years * 366 * 24 * 3600)
    with cast.scope(), atomic():
        audit.record("audit.let_go", "audit", "rows", after={"up_to": up_to, "rows": 2})
    cast.run_jobs()
    with psycopg.connect(services.superuser_url, dbname="heed", autocommit=True) as owner:
        gone = "DELETE FROM audit_events WHERE tenant_id = %s AND action = 'settings.changed'"
        assert owner.execute(gone, [cast.tenant_id]).rowcount == 3
    with cast.scope():
        assert {fault.kind for fault in verify_audit().faults} == faults


# --- the rules ---


def test_every_step_has_the_words_that_the_page_and_the_audit_say() -> None:
    assert {step.name for step in letting_go.STEPS} - set(FIELD_WORDS) == set()


@pytest.mark.parametrize(
    ("now", "months", "expected"),
    [
        (datetime(2026, 3, 31, tzinfo=UTC), 1, datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2024, 3, 30, tzinfo=UTC), 1, datetime(2024, 2, 29, tzinfo=UTC)),
        (datetime(2026, 1, 15, tzinfo=UTC), 13, datetime(2024, 12, 15, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), 24, datetime(2024, 12, 31, tzinfo=UTC)),
    ],
)
def test_months_are_of_the_calendar(now: datetime, months: int, expected: datetime) -> None:
    assert months_before(now, months) == expected


def test_the_night_is_the_tenants() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert next_night(datetime(2026, 1, 1, 12, tzinfo=UTC), zone) == datetime(2026, 1, 1, 18, 30, tzinfo=UTC)
    assert next_night(datetime(2026, 1, 1, 18, 30, tzinfo=UTC), zone) == datetime(2026, 1, 2, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(datetime(2026, 10, 24, 23, 59, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="first"),
        pytest.param(datetime(2026, 10, 25, 1, 10, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC), id="again"),
        pytest.param(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC), id="left out"),
        pytest.param(datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC), id="after it"),
    ],
)
def test_the_next_night_lies_ahead_also_when_clocks_change(now: datetime, expected: datetime) -> None:
    assert next_night(now, ZoneInfo("Europe/Berlin")).astimezone(UTC) == expected


def test_bounds() -> None:
    assert [is_allowed("invitation", months) for months in (12, 13, 120, 121, None)] == [False, True, True, False, True]
