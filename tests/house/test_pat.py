"""Pat, the user of a partner, calls every route of the tenant: the partner's pages answer, with the partner's own.

What another partner delivers and what is staff's alone stands in no byte, and nothing that pat sends changes a row. The
database says the same to whoever looks in pat's scope: it is the wall, the pages only follow it.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import delete, func, inspect, select, update
from sqlalchemy.exc import ProgrammingError
from werkzeug.routing import Rule

from app.kernel.db import TenantModel, atomic, db
from app.kernel.ids import new_id
from app.kernel.scope import tenant_scope
from app.tenants.access import access_of
from tests.house.examples import EXAMPLES
from tests.house.probes import (
    Call,
    Ledger,
    affected,
    call_of,
    machine,
    marks,
    member,
    nobodys,
    nothing_changes,
    routes,
)
from tests.house.world import World

MODELS = sorted(TenantModel.__subclasses__(), key=lambda model: model.__tablename__)
FOR_MEMBERS = sorted(name for name, example in EXAMPLES.items() if example.by not in ("machine", "customer"))

_SPEAKS = {"partner_statements", "audit_events", "outbox"}
OWN_WRITES = {
    **{"tenants.language": {"users"}, "accounts.set_name": {"users"}, "accounts.ask_new_email": {"users"}},
    **{"portal.answer": _SPEAKS, "portal.add_fact": _SPEAKS},
}
"""What pat may change: everybody chooses the language they read and what they are called, and a partner says what it
knows of its cases."""


@pytest.fixture(scope="module")
def rules(application: OpenAPI) -> dict[str, tuple[Rule, str]]:
    """Rule and method of each endpoint."""
    return {rule.endpoint: (rule, method) for rule, method in routes(application)}


def forbidden(found: set[str]) -> set[str]:
    """The marks that pat must not see: those of the rival, and those for staff."""
    return {mark for mark in found if not mark.startswith(("a-canary-p", "a-canary-k"))}


@pytest.mark.parametrize("endpoint", FOR_MEMBERS)
def test_pat_calls_every_page(world: World, rules: Any, ledger: Ledger, app: OpenAPI, endpoint: str) -> None:
    rule, method = rules[endpoint]
    access = access_of(app.view_functions[endpoint])
    assert access is not None
    call = call_of(rule, method, EXAMPLES[endpoint], world.names, world.cast.slug)
    with nothing_changes(world, ledger, but=OWN_WRITES.get(endpoint, set())):
        answer = member(world.cast, "pat")(call)
    assert forbidden(marks(answer, call)) == set()
    if access.kind == "member":
        assert answer.status_code == (EXAMPLES[endpoint].ok if access.name == "portal" else 403)


def test_pat_sees_what_is_the_partners_own(world: World, rules: Any, app: OpenAPI) -> None:
    """Else the tests above would pass on empty pages."""
    seen: set[str] = set()
    for endpoint in ("portal.home", "portal.cases", "portal.case", "portal.people"):
        call = call_of(*rules[endpoint], EXAMPLES[endpoint], world.names, world.cast.slug)
        seen |= marks(member(world.cast, "pat")(call), call)
    said = {world.texts.meaning[mark] for mark in seen if mark.startswith("a-canary-p")}
    assert {"name of the partner", "a comment", "name of the touchpoint delivery", "an open question"} <= said, said


@pytest.mark.parametrize("name", ["rival_case", "late_case", "historic_case"])
def test_pat_asks_for_other_cases(world: World, rules: Any, ledger: Ledger, app: OpenAPI, name: str) -> None:
    """The rival's and the department's are as unknown as none; an old one of the own is there to be read."""
    pat, rule = member(world.cast, "pat"), rules["portal.case"]
    calls = [call_of(*rule, EXAMPLES["portal.case"], names, world.cast.slug)
             for names in ({"new_case": world.names[name]}, {"new_case": nobodys(world.names)[name]})]  # fmt: skip
    with nothing_changes(world, ledger):
        answer, unknown = map(pat, calls)
    assert forbidden(marks(answer, calls[0])) == set()
    if name == "historic_case":
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.data) == (unknown.status_code, unknown.data)
        assert unknown.status_code == 404


def test_each_partners_user_sees_their_own_side(world: World, rules: Any, app: OpenAPI) -> None:
    """Rita works for the rival: what pat must not see is there for her, and the other way round."""
    call = call_of(*rules["portal.home"], EXAMPLES["portal.home"], world.names, world.cast.slug)
    answer = member(world.cast, "rita")(call)
    seen = marks(answer, call)
    assert any(mark.startswith("rival-canary") for mark in seen)
    meanings = {world.texts.meaning.get(mark) for mark in seen if not mark.startswith("rival-canary")}
    assert meanings <= {"name of the tenant", "name of the journey", "name of the stage", None}


def test_the_session_is_no_key(world: World, rules: Any, ledger: Ledger, app: OpenAPI) -> None:
    """Signed in as pat, without an API key: the API knows nobody."""
    pat = member(world.cast, "pat")
    with nothing_changes(world, ledger):
        for endpoint, example in EXAMPLES.items():
            access = access_of(app.view_functions[endpoint])
            if access is not None and access.kind == "api":
                call = call_of(*rules[endpoint], example, world.names, world.cast.slug)
                answer = pat(call)
                assert (answer.status_code, marks(answer, call)) == (401, set()), endpoint


# --- the database in pat's scope ---


def _count(world: World, model: Any, partner: Any) -> int:
    with tenant_scope(world.cast.tenant_id, partner):
        return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
def test_a_partner_reads_its_own_rows_only(world: World, app: OpenAPI, model: Any) -> None:
    all_rows = _count(world, model, None)
    seen = _count(world, model, world.cast.partner_id)
    if model.__wall__ in ("staff", "append"):
        assert seen == 0
    elif model.__wall__ == "shared":
        assert seen == all_rows
    else:
        with world.cast.scope():
            own = select(func.count()).select_from(model).where(model.partner_id == world.cast.partner_id)
            assert 0 < seen == db.session.scalar(own) < all_rows


def test_the_world_has_rows_in_every_table(world: World, app: OpenAPI) -> None:
    """Else the walls of the empty ones would be untried."""
    assert [model.__tablename__ for model in MODELS if _count(world, model, None) == 0] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
def test_a_partner_changes_no_row(world: World, ledger: Ledger, app: OpenAPI, model: Any) -> None:
    """Update and delete find no row, or are refused; so is an insert, but for what anybody may append."""
    column = next(column for column in inspect(model).columns if column.name not in ("tenant_id", "id"))
    for statement in (update(model).values({column.name: column}), delete(model)):
        with nothing_changes(world, ledger), tenant_scope(world.cast.tenant_id, world.cast.partner_id):
            assert affected(statement) == 0, statement


ADDS_NOTHING = [model for model in MODELS if model.__wall__ not in ("append", "own_append")]
ADDS_ITS_OWN = [model for model in MODELS if model.__wall__ == "own_append"]


@pytest.mark.parametrize("model", ADDS_NOTHING, ids=lambda model: model.__tablename__)
def test_a_partner_adds_no_row(world: World, ledger: Ledger, app: OpenAPI, model: Any) -> None:
    """A copy of a row that is there, under another id: the wall refuses it before any other rule."""
    with world.cast.scope():
        row = db.session.scalars(select(model).limit(1)).one()
        values = {column.name: getattr(row, column.key) for column in inspect(model).columns}
    copy = model.__table__.insert().values({**values, "id": new_id()})
    with (
        nothing_changes(world, ledger),
        tenant_scope(world.cast.tenant_id, world.cast.partner_id),
        pytest.raises(ProgrammingError, match="row-level security"),
        atomic() as session,
    ):
        session.execute(copy)


@pytest.mark.parametrize("model", ADDS_ITS_OWN, ids=lambda model: model.__tablename__)
def test_a_partner_adds_rows_in_its_own_name_only(world: World, ledger: Ledger, app: OpenAPI, model: Any) -> None:
    """A copy of the rival's row is refused, and so is one that the rival would see."""
    with world.cast.scope():
        rows = [db.session.scalars(select(model).where(model.partner_id == partner)).first()
                for partner in (world.cast.partner_id, world.rival_id)]  # fmt: skip
    for row in rows:
        values = {column.name: getattr(row, column.key) for column in inspect(model).columns}
        copy = model.__table__.insert().values({**values, "partner_id": world.rival_id, "id": new_id()})
        with (
            nothing_changes(world, ledger),
            tenant_scope(world.cast.tenant_id, world.cast.partner_id),
            pytest.raises(ProgrammingError, match="row-level security"),
            atomic() as session,
        ):
            session.execute(copy)


def test_a_key_of_the_tenant_is_not_a_partners(world: World, app: OpenAPI) -> None:
    """What the machine of the tenant sees, pat does not: the marks that the tests look for do come out."""
    call = Call("GET", "/api/v1/responses", {})
    assert forbidden(marks(machine(app, world.cast.api_key)(call), call))
