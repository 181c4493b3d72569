"""Whatever a member or a key changes leaves its trace: who, from where, and what was before or is now.

Remedy: call `audit.record` in the verb, inside its transaction, with what changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask_openapi3 import OpenAPI
from sqlalchemy import select
from werkzeug.routing import Rule

from app.kernel.db import db
from app.tenants.access import access_of
from app.tenants.models import AuditEvent
from tests.house.examples import EXAMPLES
from tests.house.life import make_world
from tests.house.probes import Example, Ledger, call_of, changed, machine, member, routes
from tests.house.world import World
from tests.limits import forget_tries

SILENT = {
    # What other systems tell of customers is kept as it came, under its own id; it is the record, and there is much.
    "api_interactions.post_interaction",
    "api_interactions.post_interactions",
    "api_responses.post_response",
    "api_responses.post_responses",
}
"""What leaves no trace in the audit although it changes something, each with its reason."""

IDLE = {
    "sign_in_rule.save",  # who has signed in with a password alone asks for no more (tests/tenants/test_two_steps.py)
    "identity.add",  # no provider answers here (tests/tenants/test_providers.py)
    "identity.test",  # neither
    "desk.begin",  # there is a touchpoint already
    "guide.ask",  # the demo tenant's alone
    "guide.card",
    "guide.put_away",
    "example.remove",  # here all is real (tests/tenants/test_examples.py)
    "api_cases.delete_partner_question",  # the page before it has withdrawn the question
}
"""What changes nothing when it is called by its example here."""

INSTEAD: Mapping[str, Example] = {
    "team.change_role": Example({"user_id": "{user}"}, form={"role": "lead"}),
    "journeys.move_journey": Example({"key": "{journey}"}, form={"direction": "later"}),
    "api_departments.put_department": Example(
        {"key": "{department}"}, json={"name": "Other", "layer": "frontline"}, by="machine"
    ),
    "api_interactions.post_interactions": Example(
        json={"interactions": [{**EXAMPLES["api_interactions.post_interaction"].json, "id": "order-2"}]}, by="machine"
    ),
}
"""Examples that change something where the usual one finds it done already."""
LAST = ("team.change_role", "team.remove", "sign_in_rule.save")
"""After these somebody is somebody else, or has to sign in anew."""


@pytest.fixture(scope="module")
def playground(application: OpenAPI) -> Iterator[World]:
    """A world of its own, which the examples change."""
    with application.app_context():
        yield make_world(application, mark="d")


def writing(app: Flask) -> dict[str, tuple[Rule, str]]:
    """The routes by which members and keys change something, in the order of the examples."""
    found = {}
    for rule, method in routes(app):
        access = access_of(app.view_functions[rule.endpoint])
        if method != "GET" and access is not None and access.kind in ("member", "api"):
            found[rule.endpoint] = (rule, method)
    order = [*(name for name in EXAMPLES if name not in LAST), *LAST]
    return {name: found[name] for name in order if name in found}


def audited(world: World) -> dict[UUID, AuditEvent]:
    with world.cast.scope():
        return {event.id: event for event in db.session.scalars(select(AuditEvent))}


def is_whole(event: AuditEvent) -> bool:
    """Whether it says who did it, from where, and what changed."""
    who = event.actor_kind in ("user", "api_key") and event.actor_id is not None and bool(event.address)
    return who and (event.before is not None or event.after is not None)


def traces(world: World, ledger: Ledger, endpoint: str, route: tuple[Rule, str]) -> tuple[list[str], list[Any]]:
    """Which tables one call changed, and the audit rows it left."""
    cast, example = world.cast, INSTEAD.get(endpoint, EXAMPLES[endpoint])
    call = call_of(*route, example, world.names, cast.slug)
    caller = machine(cast.app, cast.api_key) if example.by == "machine" else member(cast, example.by)
    known, rows = audited(world), ledger.of(cast.tenant_id)
    answer = caller(call)
    assert answer.status_code < 400 or endpoint in IDLE, (endpoint, answer.status_code, answer.text[-500:])
    new = [event for key, event in audited(world).items() if key not in known]
    return changed(rows, ledger.of(cast.tenant_id)), new


def test_every_write_of_a_member_or_key_is_audited(playground: World, ledger: Ledger) -> None:
    forget_tries()
    found = []
    for endpoint, route in writing(playground.cast.app).items():
        tables, new = traces(playground, ledger, endpoint, route)
        if tables and endpoint not in SILENT and not any(map(is_whole, new)):
            told = [(event.action, event.actor_kind, event.address) for event in new]
            found.append(f"{endpoint} changed {tables} and left {told}")
        if bool(tables) == (endpoint in IDLE):
            found.append(f"{endpoint} changed {tables}: is it in IDLE or INSTEAD?")
    assert not found, "\n".join(found)
