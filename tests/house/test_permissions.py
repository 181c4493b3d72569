"""The table of rights against the table of routes: every role calls every page of the tenant, and gets in or gets 403.

Nothing here says who may do what: that stands in app/tenants/rules.py alone, and what each route asks for beside its
view. A new route, role or permission is tried as soon as it is there.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from werkzeug.routing import Rule

from app.tenants.access import access_of
from app.tenants.rules import PERMISSIONS, ROLES, allows
from tests.house import world as worlds
from tests.house.examples import EXAMPLES
from tests.house.probes import Ledger, call_of, member, nothing_changes, routes, without_token
from tests.house.world import World

PEOPLE = {"admin": "alice", "partner": "pat", **{role: name for name, role in worlds.ROLES.items()}}

WHERE_SOMEBODY_PAYS = {"billing.edit"}
"""Its pages are there where the installation has a payment provider; tests/billing tries who may."""
BESIDES = {"absences.manage"}
"""What a form asks for besides the right to open its page (tests/loop/test_absence_rules.py)."""


@pytest.fixture(scope="module")
def rules(application: OpenAPI) -> dict[str, tuple[Rule, str]]:
    """Rule and method of each endpoint that asks members for a permission."""
    found = {rule.endpoint: (rule, method) for rule, method in routes(application)}
    views = application.view_functions
    return {
        name: each for name, each in found.items() if (access := access_of(views[name])) and access.kind == "member"
    }


def test_every_role_has_somebody() -> None:
    assert set(PEOPLE) == set(ROLES)


def test_every_permission_guards_something(application: OpenAPI, rules: Any) -> None:
    """A right that no route asks for is a word without a lock."""
    accesses = (access_of(view) for view in application.view_functions.values())
    asked = {access.name for access in accesses if access is not None and access.kind == "member"}
    assert asked | WHERE_SOMEBODY_PAYS | BESIDES == set(PERMISSIONS)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_its_permissions_say(
    world: World, rules: dict[str, tuple[Rule, str]], ledger: Ledger, app: OpenAPI, role: str
) -> None:
    """A page answers as its example says. A form comes without its token, so that being let in changes nothing: the
    refusal of the token comes after that of the role."""
    who, wrong = member(world.cast, PEOPLE[role]), []
    forger = without_token(world.cast, PEOPLE[role])
    with nothing_changes(world, ledger):
        for endpoint, (rule, method) in rules.items():
            access, example = access_of(app.view_functions[endpoint]), EXAMPLES[endpoint]
            assert access is not None
            looks = method == "GET"
            call = call_of(rule, method, example, world.names, world.cast.slug)
            answer = (who if looks else forger)(call)
            wanted = (example.ok if looks else 400) if allows(role, access.name) else 403
            if answer.status_code != wanted:
                wrong.append(f"{method} {call.url} ({access.name}): {answer.status_code}, not {wanted}")
    assert not wrong, "\n".join(wrong)
