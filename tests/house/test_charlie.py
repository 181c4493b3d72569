"""Charlie, the admin of another tenant, and strangers call every route for what belongs to this one.

They get nothing of it in any byte, what is refused looks as it does for things that nobody has, and no row of this
tenant changes. A failure is a hole in the wall: mend the route, never the table of what is expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.kernel import tokens
from app.kernel.ids import new_id
from app.tenants.access import Access, access_of
from tests.cast import Cast, make_cast
from tests.house.examples import EXAMPLES
from tests.house.probes import (
    Call,
    Caller,
    Example,
    Ledger,
    anonymised,
    call_of,
    fill,
    ids,
    machine,
    marks,
    member,
    names_in,
    nobodys,
    nothing_changes,
    routes,
    stranger,
)
from tests.house.world import World

FOR_CUSTOMERS = sorted(name for name, example in EXAMPLES.items() if example.by == "customer")
"""Where a token or a published link is authority enough."""
BY_TOKEN = [name for name in FOR_CUSTOMERS if "token" in EXAMPLES[name].path]
ENDPOINTS = sorted(set(EXAMPLES) - set(FOR_CUSTOMERS))
FOR_BROWSERS = [name for name in ENDPOINTS if EXAMPLES[name].by != "machine"]
NAMING = [
    name
    for name in ENDPOINTS
    if names_in([dict(EXAMPLES[name].query), EXAMPLES[name].form or {}, EXAMPLES[name].json]) - {"draft_moment"}
    and not name.startswith("tenants.")
]
"""Where query or body name things."""


@pytest.fixture(scope="module")
def stranger_tenant(application: OpenAPI) -> Cast:
    """A tenant with nothing of its own, whose admin is charlie."""
    with application.app_context():
        return make_cast(application, admin="charlie")


@dataclass
class Wall:
    """The world behind the wall, and the ways to every route of it."""

    world: World
    ledger: Ledger
    rules: dict[str, tuple[Rule, str]]
    secret_ids: set[str]

    def call(self, endpoint: str, example: Example, names: dict[str, Any], slug: str) -> Call:
        """The request of an example, with these names in it."""
        return call_of(*self.rules[endpoint], example, names, slug)

    def refuse(self, caller: Caller, call: Call) -> TestResponse:
        """The answer to a call that changes nothing of the world and tells nothing of it."""
        with nothing_changes(self.world, self.ledger):
            answer = caller(call)
        assert marks(answer, call) | (ids(answer, call) & self.secret_ids) == set()
        return answer


@pytest.fixture(scope="module")
def wall(application: OpenAPI, world: World, ledger: Ledger) -> Wall:
    rules = {rule.endpoint: (rule, method) for rule, method in routes(application)}
    return Wall(world, ledger, rules, ledger.ids(world.cast.tenant_id))


def kind_of(application: OpenAPI, endpoint: str) -> Access:
    """Whom the route lets in."""
    access = access_of(application.view_functions[endpoint])
    assert access is not None
    return access


def charlie_at(cast: Cast, kind: str) -> Caller:
    """Charlie, as routes of this kind know him."""
    return machine(cast.app, cast.api_key) if kind == "api" else member(cast, "charlie")


def is_creating(example: Example) -> bool:
    """Whether a stranger may send this in their own tenant, where it makes something of their own."""
    return example.foreign < 400 and (example.form is not None or example.json is not None)


def test_customers_come_by_token_or_open_link_only(application: OpenAPI) -> None:
    by_link = {name for name in EXAMPLES if kind_of(application, name).kind in ("token", "open_link")}
    assert by_link == set(FOR_CUSTOMERS)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_stranger_sees_nothing(wall: Wall, app: OpenAPI, endpoint: str) -> None:
    """Anonymous, at this tenant's addresses."""
    kind = kind_of(app, endpoint).kind
    call = wall.call(endpoint, EXAMPLES[endpoint], wall.world.names, wall.world.cast.slug)
    answer = wall.refuse(machine(app, None) if kind == "api" else stranger(app), call)
    if kind == "api":
        assert answer.status_code == 401
    if kind in ("member", "signed_in"):
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize("endpoint", FOR_BROWSERS)
def test_charlie_at_this_tenants_addresses(wall: Wall, stranger_tenant: Cast, app: OpenAPI, endpoint: str) -> None:
    """Signed in, but no member here: as if neither tenant nor thing existed."""
    kind, example = kind_of(app, endpoint).kind, EXAMPLES[endpoint]
    call = wall.call(endpoint, example, wall.world.names, wall.world.cast.slug)
    charlie = member(stranger_tenant, "charlie")
    answer = wall.refuse(charlie, call)
    if kind == "member":
        nowhere = charlie(wall.call(endpoint, example, nobodys(wall.world.names), f"no-{new_id()}"))
        assert (answer.status_code, answer.data) == (404, nowhere.data)


@pytest.mark.parametrize("endpoint", [*ENDPOINTS, *(name for name in FOR_CUSTOMERS if name not in BY_TOKEN)])
def test_charlie_asks_at_home_for_this_tenants_things(
    wall: Wall, stranger_tenant: Cast, app: OpenAPI, endpoint: str
) -> None:
    """Admin in the own tenant, with this tenant's ids, keys and numbers in address, query and body."""
    kind, example = kind_of(app, endpoint).kind, EXAMPLES[endpoint]
    home = make_cast(app, "charlie") if is_creating(example) else stranger_tenant
    charlie = charlie_at(home, kind)
    call = wall.call(endpoint, example, wall.world.names, home.slug)
    answer = wall.refuse(charlie, call)
    assert answer.status_code == example.foreign, answer.text[-1500:]
    assert_no_item_is_taken(answer)
    if is_creating(example):
        return
    other_call = wall.call(endpoint, example, nobodys(wall.world.names), home.slug)
    other = charlie(other_call)
    assert other.status_code == answer.status_code
    if answer.status_code == 404:
        assert anonymised(answer, call) == anonymised(other, other_call)


def assert_no_item_is_taken(answer: TestResponse) -> None:
    """A batch answers for each of its items; none that names another tenant's things is taken."""
    if answer.is_json and isinstance(answer.json, dict) and isinstance(answer.json.get("data"), list):
        items = [item for item in answer.json["data"] if "index" in item]
        assert {item["status"] for item in items} <= {404, 409, 422}, items


@pytest.mark.parametrize("endpoint", NAMING)
def test_charlie_puts_this_tenants_things_into_a_good_request(
    wall: Wall, other_world: World, app: OpenAPI, endpoint: str
) -> None:
    """The address names charlie's own thing, query and body name this tenant's: they are nothing, like nobody's."""
    kind, example = kind_of(app, endpoint).kind, EXAMPLES[endpoint]
    mine, nothing = other_world.names, nobodys(wall.world.names)
    caller = machine(app, other_world.cast.api_key) if kind == "api" else member(other_world.cast, "alice")
    answers = []
    for theirs in (wall.world.names, nothing):
        # A number is nobody's secret: each tenant has a case 1 and a version 1.
        numbers = {name: nothing[name] for name, value in wall.world.names.items() if isinstance(value, int)}
        names = {**theirs, **numbers, "draft_moment": mine["draft_moment"]}
        good_path = Example(fill(example.path, mine), query=example.query, form=example.form, json=example.json)
        call = wall.call(endpoint, good_path, names, other_world.cast.slug)
        answer = wall.refuse(caller, call)
        assert_no_item_is_taken(answer)
        answers.append(answer.status_code)
    assert len(set(answers)) == 1


@pytest.mark.parametrize("endpoint", BY_TOKEN)
def test_a_token_opens_what_it_was_made_for_only(
    wall: Wall, stranger_tenant: Cast, app: OpenAPI, endpoint: str
) -> None:
    """Tokens of another purpose, of another tenant for this one's object, with a bit changed, or none at all."""
    access, example = kind_of(app, endpoint), EXAMPLES[endpoint]
    good = str(wall.world.names[next(iter(names_in(example.path["token"])))])
    found = tokens.read(access.name, good)
    assert found is not None, "the example's token is not one of this route's purpose"
    purposes = {"respond", "unsubscribe", "case", "anonymous", "widget", "join"} - {access.name}
    wrong = [tokens.issue(purpose, *found) for purpose in purposes]
    wrong += [tokens.issue(access.name, stranger_tenant.tenant_id, found[1])]
    wrong += [tokens.issue(access.name, found[0], new_id()), tokens.issue(access.name, new_id(), found[1])]
    wrong += [good[:-1] + ("A" if good[-1] != "A" else "B"), good + "A", "x", "A" * 64]
    bodies = set()
    for token in wrong:
        path = dict.fromkeys(names_in(example.path["token"]), token)
        call = wall.call(endpoint, example, {**wall.world.names, **path}, "")
        answer = wall.refuse(stranger(app), call)
        assert answer.status_code == 404, token
        bodies.add(answer.data)
    assert len(bodies) == 1


@pytest.mark.parametrize("endpoint", [name for name in FOR_CUSTOMERS if name not in BY_TOKEN])
def test_an_open_link_opens_surveys_that_allow_it_only(wall: Wall, app: OpenAPI, endpoint: str) -> None:
    example, bodies = EXAMPLES[endpoint], set()
    for survey in (wall.world.names["survey"], wall.world.names["draft"], "nobodys"):
        call = wall.call(endpoint, example, {**wall.world.names, "open_survey": survey}, wall.world.cast.slug)
        answer = wall.refuse(stranger(app), call)
        assert (answer.status_code, marks(answer, call)) == (404, set())
        bodies.add(answer.data)
    assert len(bodies) == 1


SMUGGLED = ("tenant_id", "id", "role", "plan", "credits", "created_at", "status", "is_admin", "partner_id")


@pytest.mark.parametrize(
    "endpoint", [name for name, each in EXAMPLES.items() if each.json is not None and each.by == "machine"]
)
def test_unknown_fields_are_refused(wall: Wall, app: OpenAPI, endpoint: str) -> None:
    """As the right machine: a body that also says whose the row shall be changes nothing."""
    example, send = EXAMPLES[endpoint], machine(app, wall.world.cast.api_key)
    with nothing_changes(wall.world, wall.ledger):
        for name in set(SMUGGLED) - documented_fields(app, *wall.rules[endpoint]):
            body = Example(example.path, json={**example.json, name: "{tenant_id}"})
            answer = send(wall.call(endpoint, body, wall.world.names, wall.world.cast.slug))
            assert answer.status_code == 422, (name, answer.text)


def documented_fields(app: OpenAPI, rule: Rule, method: str) -> set[str]:
    """The fields that the API's document gives the body of this request."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
    content = app.api_doc["paths"][path][method.lower()]["requestBody"]["content"]["application/json"]
    name = content["schema"]["$ref"].rpartition("/")[2]
    return set(app.api_doc["components"]["schemas"][name]["properties"])


@pytest.mark.parametrize("key", ["heed_", "heed_" + "A" * 64, "Bearer", "heed_\udcff"])
def test_a_wrong_key_is_a_wrong_key(world: World, app: OpenAPI, key: str) -> None:
    for wrong in (key, world.cast.api_key[:-1] + ("A" if world.cast.api_key[-1] != "A" else "B")):
        answer = machine(app, wrong)(Call("GET", "/api/v1/partners", {}))
        assert answer.status_code == 401 and not marks(answer, Call("GET", "", {}))
