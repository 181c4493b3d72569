"""Looking changes nothing: every GET and HEAD, whoever asks, writes no row and makes no link that was not there.

And what changes something comes from our own pages: without the CSRF token it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import event
from werkzeug.routing import Rule

from app.kernel.db import db
from app.tenants.access import access_of
from app.tenants.rules import allows
from tests.cast import Cast, make_cast
from tests.house.examples import EXAMPLES
from tests.house.probes import (
    Caller,
    Ledger,
    call_of,
    machine,
    marks,
    member,
    nothing_changes,
    routes,
    stranger,
    without_token,
)
from tests.house.world import ROLES, World

STAFF = {"alice": "admin", **{name: role for name, role in ROLES.items() if name != "eve"}}
PEOPLE = {**STAFF, "pat": "partner"}
LOOKING = sorted(name for name, example in EXAMPLES.items() if example.form is None and example.json is None)
SENDING = sorted(name for name, example in EXAMPLES.items() if example.form is not None and example.by != "customer")


@pytest.fixture(scope="module")
def rules(application: OpenAPI) -> dict[str, tuple[Rule, str]]:
    """Rule and method of each endpoint."""
    return {rule.endpoint: (rule, method) for rule, method in routes(application)}


@pytest.fixture(scope="module")
def callers(application: OpenAPI, world: World) -> dict[str, Caller]:
    """Everybody: each role, the admin of another tenant, nobody, and machines."""
    with application.app_context():
        others: Cast = make_cast(application, admin="charlie")
        return {
            **{name: member(world.cast, name) for name in PEOPLE},
            "charlie": member(others, "charlie"),
            "nobody": stranger(application),
            "machine": machine(application, world.cast.api_key),
            "reading machine": machine(application, world.names["read_key"]),
        }


@contextmanager
def no_statement_writes() -> Iterator[None]:
    """Fails when anything but a look was sent to the database. That somebody is still there is noted whatever they do,
    once in five minutes."""
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if (
            not statement.lstrip()
            .upper()
            .startswith(("SELECT", "SET LOCAL", "WITH", "UPDATE USER_SESSIONS SET SEEN_AT"))
        ):
            written.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert written == []


@pytest.mark.parametrize("endpoint", [name for name in LOOKING if ".delete_" not in name])
def test_looking_changes_nothing(
    world: World, callers: dict[str, Caller], rules: Any, ledger: Ledger, app: OpenAPI, endpoint: str
) -> None:
    access = access_of(app.view_functions[endpoint])
    assert access is not None
    call = call_of(*rules[endpoint], EXAMPLES[endpoint], world.names, world.cast.slug)
    with nothing_changes(world, ledger), no_statement_writes():
        for name, caller in callers.items():
            answer, head = caller(call), caller(replace(call, method="HEAD"))
            assert (head.status_code, head.data) == (answer.status_code, b""), name
            assert answer.status_code < 500, name
            if access.kind == "member" and name in PEOPLE:
                assert (answer.status_code == 403) != allows(PEOPLE[name], access.name), (name, answer.status_code)
            if answer.status_code in (401, 403, 404):
                assert marks(answer, call) == set(), name


def test_the_whole_database_stays_as_it_is(
    world: World, callers: dict[str, Caller], rules: Any, ledger: Ledger, app: OpenAPI
) -> None:
    """The same for the rows of every tenant at once, under both things of this tenant and of nobody."""
    before = ledger.of_all()
    for endpoint in LOOKING:
        if ".delete_" not in endpoint:
            call = call_of(*rules[endpoint], EXAMPLES[endpoint], world.names, world.cast.slug)
            callers["alice"](call), callers["machine"](call)
    assert ledger.of_all() == before


def test_a_key_that_may_only_read_gets_no_link(
    world: World, callers: dict[str, Caller], rules: Any, app: OpenAPI
) -> None:
    """A link is the right to answer in somebody's place."""
    found = {}
    for name in ("machine", "reading machine"):
        bodies = [
            callers[name](call_of(*rules[endpoint], EXAMPLES[endpoint], world.names, "")).get_data(as_text=True)
            for endpoint in LOOKING
            if endpoint.startswith("api_") and ".delete_" not in endpoint
        ]
        found[name] = [body for body in bodies if world.names["token"] in body or "/r/" in body]
    assert found["reading machine"] == []
    assert found["machine"], "the key that may ask gets the link, else this test proves nothing"


@pytest.mark.parametrize("endpoint", SENDING)
def test_without_the_csrf_token_nothing_is_done(
    world: World, rules: Any, ledger: Ledger, app: OpenAPI, endpoint: str
) -> None:
    call = call_of(*rules[endpoint], EXAMPLES[endpoint], world.names, world.cast.slug)
    by = EXAMPLES[endpoint].by
    with nothing_changes(world, ledger):
        for token in (None, "", "x", "IjEyMyI.aaaa.bbbb"):
            headers = {} if token is None else {"X-CSRFToken": token}
            sent = replace(call, options={**call.options, "headers": headers})
            assert without_token(world.cast, by)(sent).status_code == 400, token
