"""Sam, a lead who sees one department's touchpoint alone, opens every page and sends every form of the tenant; so do an
analyst and a viewer who see no more.

What was said at other touchpoints stands in no byte and no file, whatever sam asks for, and no row of it changes. What
lies outside is worked out here from the rows themselves, not by the policies that keep it away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import delete, func, inspect, select, update
from sqlalchemy.exc import ProgrammingError
from werkzeug.routing import Rule

from app.config import Settings
from app.journeys.models import Touchpoint
from app.kernel.db import TenantModel, atomic, db
from app.kernel.ids import new_id
from app.kernel.scope import tenant_scope
from app.runtime import embedded
from app.tenants.access import access_of
from app.tenants.rules import allows
from tests.house.examples import EXAMPLES
from tests.house.probes import (
    MARK,
    Ledger,
    affected,
    call_of,
    ids,
    marks,
    member,
    names_in,
    nobodys,
    nothing_changes,
    routes,
)
from tests.house.world import NARROWED, World

MODELS = sorted(TenantModel.__subclasses__(), key=lambda model: model.__tablename__)
AT_TOUCHPOINTS = [model for model in MODELS if model.__rows__ != "all"]

_AT = "touchpoint_id IS NOT DISTINCT FROM %(touchpoint)s"
_CASES = f"SELECT id FROM cases WHERE {_AT}"
_PERSONS = " UNION ".join(
    f"SELECT customer_id FROM {table} WHERE {_AT}" for table in ("responses", "interactions", "invitations", "cases")
)
SEEN = {
    "touchpoint": _AT,
    "response": f"response_id IN (SELECT id FROM responses WHERE {_AT})",
    "case": f"case_id IN ({_CASES})",
    "interaction": f"interaction_id IN (SELECT id FROM interactions WHERE {_AT})",
    "invitation": f"invitation_id IN (SELECT id FROM invitations WHERE {_AT})",
    "message": f"reference_id IN (SELECT id FROM invitations WHERE {_AT}"
    f" UNION SELECT id FROM case_resolutions WHERE case_id IN ({_CASES}))",
    "customer": f"customer_id IN ({_PERSONS})",
    "person": f"id IN ({_PERSONS})",
    "whole": "false",
}
"""Which rows of a table sam may see, said once more in plain SQL."""


@dataclass
class Outside:
    """What sam must not see: the rows' ids, and the marks that stand in no row that sam may see."""

    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def touchpoint(world: World, application: OpenAPI) -> UUID:
    """The only one of the department to which sam is narrowed."""
    with application.app_context(), world.cast.scope():
        return db.session.scalars(select(Touchpoint.id).where(Touchpoint.key == world.names["call"])).one()


@pytest.fixture(scope="module")
def outside(world: World, touchpoint: UUID, settings: Settings, services: embedded.Services) -> Outside:
    found, seen, names = Outside(), set[str](), {"touchpoint": touchpoint, "tenant": world.cast.tenant_id}
    with psycopg.connect(services.superuser_url, dbname="heed") as connection:
        for model in MODELS:
            is_seen = SEEN.get(model.__rows__, "true")
            what = f"id::text, ({is_seen}) IS TRUE, r::text FROM {model.__tablename__} r"
            rows = connection.execute(f"SELECT {what} WHERE tenant_id = %(tenant)s".encode(), names).fetchall()
            hidden = [row for row in rows if not row[1]]
            found.rows[model.__tablename__] = len(rows) - len(hidden), len(rows)
            found.ids |= {row[0] for row in hidden}
            for _id, is_shown, text in rows:
                (seen if is_shown else found.marks).update(MARK.findall(text.lower()))
                found.own |= set(MARK.findall(text.lower())) if is_shown and model.__rows__ != "all" else set()
        people = connection.execute("SELECT u::text FROM users u").fetchall()
        seen |= {mark for (text,) in people for mark in MARK.findall(text.lower())}
    tenant = set(MARK.findall(world.texts.meaning and " ".join(world.texts.meaning)))
    found.marks -= seen | {mark for mark in tenant if "tenant" in world.texts.meaning[mark]}
    found.own -= found.marks
    return found


@pytest.fixture(scope="module")
def rules(application: OpenAPI) -> dict[str, tuple[Rule, str]]:
    """Rule and method of each endpoint."""
    return {rule.endpoint: (rule, method) for rule, method in routes(application)}


PAGES = sorted(name for name, example in EXAMPLES.items() if example.by not in ("machine", "customer"))
AT_CASES = {"case", "new_case", "rival_case", "waiting_case", "resolved_case", "closed_case"}
THINGS = AT_CASES | {"customer", "suppressed_customer", "response", "parked_response"}
"""Names of things outside what sam sees; in an address they are nobody's."""


def test_much_lies_outside(outside: Outside) -> None:
    """Else the tests below would pass on nothing."""
    assert len(outside.marks) > 150 and len(outside.ids) > 200 and len(outside.own) > 5, outside
    assert [table.__tablename__ for table in AT_TOUCHPOINTS if outside.rows[table.__tablename__][1] == 0] == []


@pytest.mark.parametrize("who", NARROWED)
@pytest.mark.parametrize("endpoint", PAGES)
def test_sam_calls_every_page(
    world: World, rules: Any, outside: Outside, ledger: Ledger, app: OpenAPI, endpoint: str, who: str
) -> None:
    """A form that sam may send is not sent, since the world of all tests would change; it names nothing outside."""
    rule, method = rules[endpoint]
    access, example = access_of(app.view_functions[endpoint]), EXAMPLES[endpoint]
    assert access is not None
    call = call_of(rule, method, example, world.names, world.cast.slug)
    is_outside = bool({name.strip("{}") for name in example.path.values()} & THINGS)
    is_refused = access.kind == "member" and not allows(NARROWED[who], access.name)
    if method != "GET" and not (is_outside or is_refused):
        assert names_in(dict(example.form or {})) & THINGS == set()
        return
    with nothing_changes(world, ledger, but={"users"} if access.kind == "signed_in" else set()):
        answer = member(world.cast, who)(call)
    assert marks(answer, call) & outside.marks == set()
    assert ids(answer, call) & outside.ids == set()
    if is_refused:
        assert answer.status_code == 403
    elif is_outside:
        assert answer.status_code == 404
    elif access.kind == "member":
        assert answer.status_code == example.ok


def test_sam_sees_the_department(world: World, rules: Any, outside: Outside, app: OpenAPI) -> None:
    """Else the pages would be clean because they are empty."""
    seen: set[str] = set()
    places = {"case": world.names["late_case"]}
    for endpoint in ("cases.inbox", "cases.show", "answering_desk.index", "customers.index"):
        example = EXAMPLES[endpoint]
        call = call_of(*rules[endpoint], example, {**world.names, **places}, world.cast.slug)
        bare = type(call)(call.method, call.url, {"query_string": {"show": "all"}})
        answer = member(world.cast, "sam")(bare)
        assert answer.status_code == 200
        seen |= marks(answer, bare)
    said = {world.texts.meaning[mark] for mark in seen & outside.own}
    assert {"a comment", "name of a customer"} <= said, said


# --- the database in sam's scope ---


@pytest.fixture
def in_scope(world: World, touchpoint: UUID, app: OpenAPI) -> Iterator[None]:
    with tenant_scope(world.cast.tenant_id, touchpoints=frozenset({touchpoint})):
        yield


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
def test_sam_reads_what_stands_at_the_touchpoint(outside: Outside, in_scope: None, model: Any) -> None:
    seen, there = outside.rows[model.__tablename__]
    assert db.session.scalar(select(func.count()).select_from(model)) == seen
    assert seen < there or model.__rows__ == "all"


@pytest.mark.parametrize("model", AT_TOUCHPOINTS, ids=lambda model: model.__tablename__)
def test_nobody_narrowed_to_nothing_reads_anything(world: World, app: OpenAPI, model: Any) -> None:
    """A department without touchpoints is no permission to see everything."""
    with tenant_scope(world.cast.tenant_id, touchpoints=frozenset()):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


@pytest.mark.parametrize("model", AT_TOUCHPOINTS, ids=lambda model: model.__tablename__)
def test_sam_changes_no_row_outside(world: World, ledger: Ledger, touchpoint: UUID, app: OpenAPI, model: Any) -> None:
    """Of a touchpoint at which nothing ever happened: update and delete find no row, a copy of a row is refused."""
    column = next(column for column in inspect(model).columns if column.name not in ("tenant_id", "id"))
    nowhere = frozenset({new_id()})
    for statement in (update(model).values({column.name: column}), delete(model)):
        with nothing_changes(world, ledger), tenant_scope(world.cast.tenant_id, touchpoints=nowhere):
            assert affected(statement) == 0
    if model.__rows__ == "whole":
        return  # anybody writes into the audit and the outbox
    with world.cast.scope():
        row = db.session.scalars(select(model).limit(1)).one()
        values = {column.name: getattr(row, column.key) for column in inspect(model).columns}
    copy = model.__table__.insert().values({**values, "id": new_id()})
    with (
        nothing_changes(world, ledger),
        tenant_scope(world.cast.tenant_id, touchpoints=nowhere),
        pytest.raises(ProgrammingError, match="row-level security"),
        atomic() as session,
    ):
        session.execute(copy)


def test_nobodys_things_look_the_same(world: World, rules: Any, app: OpenAPI) -> None:
    """What lies outside is as unknown as what there is not."""
    sam = member(world.cast, "sam")
    for endpoint, name in (
        ("cases.show", "case"),
        ("customers.show", "customer"),
        ("answering_desk.detail", "response"),
    ):
        answers = []
        for names in (world.names, {**world.names, name: nobodys(world.names)[name]}):
            answers.append(sam(call_of(*rules[endpoint], EXAMPLES[endpoint], names, world.cast.slug)))
        assert answers[0].status_code == answers[1].status_code == 404
        assert answers[0].data == answers[1].data
