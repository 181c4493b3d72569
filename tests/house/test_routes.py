"""Every route: it declares who may come in, stands where such routes stand, and has an example that works.

Remedy: put one decorator of app/tenants/access.py under the route's; write its example into examples.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask
from flask_openapi3 import OpenAPI

from app.tenants.access import access_of, is_fresh, is_vouched
from tests.house.examples import EXAMPLES
from tests.house.life import make_world
from tests.house.probes import Caller, Example, call_of, machine, member, routes, stranger
from tests.house.world import World
from tests.limits import forget_tries

PUBLIC_API = {"api_meta.document", "api_surveys.survey_schema"}
"""What the API tells everybody: its own description."""
PUBLIC = {
    *PUBLIC_API,
    *("accounts.sign_in", "accounts.sign_in_submit", "accounts.second_step", "accounts.second_step_submit"),
    *("accounts.passkey_challenge", "accounts.passkey_sign_in", "tenants.language"),
    *("accounts.reset", "accounts.ask_reset", "accounts.reset_sent", "accounts.new_password"),
    *("accounts.set_new_password", "proofs.proof"),
    *("joining.sign_up", "joining.ask", "joining.sent", "joining.finish", "joining.finish_submit"),
    *("health.live", "health.ready", "metrics.metrics"),
    *("devmail.index", "devmail.show", "devmail.html"),  # loopback and embedded only
}
SIGNED_IN = {"tenants.start", "tenants.choose", "accounts.sign_out"}
KINDS = {
    "/account/": "signed_in",
    "/t/": "member",
    "/api/v1/": "api",
    "/s/": "open_link",
    "/r/": "token",
    "/u/": "token",
    "/logo/": "token",
    "/c/": "token",
    "/join/": "token",
    "/sign-in/at/": "token",
    "/sign-in/back/": "token",
    "/w/": "token",
    "/webhooks/": "signature",
}


FRESH = {
    *("accounts.ask_new_email", "sign_in_rule.save"),
    *("accounts.app_setup", "accounts.app_set_up", "accounts.app_removal", "accounts.renew_codes"),
    *("accounts.new_passkey_challenge", "accounts.add_passkey", "accounts.remove_passkey"),
    *("keys.index", "keys.create", "keys.rotate", "keys.end_old", "keys.revoke", "webhooks.add", "webhooks.rotate"),
    *("team.invite", "team.change_role", "team.remove"),
    *("audit.take_out", "data.ask", "data.take", "departing.ask", "keeping.save"),
    *("identity.add", "identity.save", "identity.remove", "identity.unlink"),
}
"""What asks once more who it is: the second step, the address, keys, everything at once."""


VOUCHED = {
    *("tenants.start", "tenants.choose", "accounts.sign_out", "accounts.stronger"),
    *("accounts.verify", "accounts.verify_submit", "accounts.verify_with_passkey"),
}
"""What somebody may open of their own whom only a tenant's provider knows: nothing that counts in other tenants."""


def undeclared(app: Flask) -> list[str]:
    """The routes that say nothing of who may come in."""
    endpoints = [rule.endpoint for rule, _method in routes(app)]
    return [name for name in endpoints if access_of(app.view_functions[name]) is None]


def misplaced(app: Flask) -> list[str]:
    """The routes that let in others than routes at such an address do."""
    found = []
    for rule, method in routes(app):
        access = access_of(app.view_functions[rule.endpoint])
        kind, wanted = access.kind if access else None, wanted_kind(rule.rule, rule.endpoint)
        if kind is not None and kind != wanted:
            found.append(f"{method} {rule.rule} is for {kind}, not for {wanted}")
        if access is not None and access.kind in ("member", "api", "token") and not access.name:
            found.append(f"{method} {rule.rule} asks for no permission")
    return found


def wanted_kind(address: str, endpoint: str) -> str:
    """Who may be let in at this address."""
    if endpoint in SIGNED_IN or endpoint in PUBLIC:
        return "signed_in" if endpoint in SIGNED_IN else "public"
    return next((kind for prefix, kind in KINDS.items() if address.startswith(prefix)), "nobody")


def without_example(app: Flask, examples: Mapping[str, Example]) -> list[str]:
    """The routes that the other tests of this folder cannot call."""
    missing = sorted({f"{rule.endpoint} ({method} {rule.rule})" for rule, method in routes(app)
                      if rule.endpoint not in examples})  # fmt: skip
    return [f'{name}: add "{name.split()[0]}" to tests/house/examples.py' for name in missing]


def test_every_route_declares_its_access(application: OpenAPI) -> None:
    found = undeclared(application)
    assert not found, found


def test_every_route_stands_where_its_kind_stands(application: OpenAPI) -> None:
    found = misplaced(application)
    assert not found, "\n".join(found)


def test_what_matters_most_asks_for_a_fresh_sign_in(application: OpenAPI) -> None:
    assert {name for name, view in application.view_functions.items() if is_fresh(view)} == FRESH


def test_every_route_has_an_example(application: OpenAPI) -> None:
    found = without_example(application, EXAMPLES)
    assert not found, "\n".join(found)


def test_every_example_has_a_route_with_one_method(application: OpenAPI) -> None:
    endpoints = Counter(rule.endpoint for rule, _method in routes(application))
    assert set(EXAMPLES) <= set(endpoints), set(EXAMPLES) - set(endpoints)
    assert max(endpoints.values()) == 1, endpoints.most_common(3)


@pytest.fixture(scope="module")
def playground(application: OpenAPI) -> Iterator[World]:
    """A world of its own, which the examples change."""
    with application.app_context():
        yield make_world(application, mark="c")


def test_every_example_works_for_the_right_caller(playground: World) -> None:
    """Else a refusal of the wrong caller would prove nothing."""
    forget_tries()  # however much has been asked for before
    wrong = []
    by_endpoint = {rule.endpoint: (rule, method) for rule, method in routes(playground.cast.app)}
    for endpoint, example in EXAMPLES.items():
        call = call_of(*by_endpoint[endpoint], example, playground.names, playground.cast.slug)
        answer = right_caller(playground, example.by)(call)
        if answer.status_code != example.ok:
            wrong.append(f"{endpoint}: {call.method} {call.url} -> {answer.status_code}: {answer.text[-600:]}")
    assert not wrong, "\n".join(wrong)


def right_caller(world: World, by: str) -> Caller:
    """Whom an example names."""
    if by == "customer":
        return stranger(world.cast.app)
    return machine(world.cast.app, world.cast.api_key) if by == "machine" else member(world.cast, by)


def test_a_providers_word_opens_no_other_page_of_a_person(application: OpenAPI) -> None:
    assert {name for name, view in application.view_functions.items() if is_vouched(view)} == VOUCHED
