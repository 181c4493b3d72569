"""Texts that would be executed by a careless page, in every place where somebody can write one: they stay texts.

The other world is full of them (scripts.py). Each page that shows it, each mail that was sent from it, and
each form that comes back with what was typed is read as a browser reads it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.customers.models import Customer
from app.delivery.models import Message
from app.kernel.db import db
from app.loop.cases.models import Case
from app.surveys.answering.models import Response
from app.surveys.design.models import Survey
from app.surveys.outreach.models import Interaction
from app.tenants.providers.models import IdentityProvider
from tests.house.examples import EXAMPLES
from tests.house.probes import Call, Caller, call_of, machine, member, names_in, routes, stranger, text_of
from tests.house.scripts import EVALUATED, SCRIPT, payload
from tests.house.world import World

LOOKING = sorted(
    name
    for name, example in EXAMPLES.items()
    if example.form is None and example.json is None and ".delete_" not in name
)
SENDING = sorted(name for name, example in EXAMPLES.items() if example.form is not None)
NEVER_SHOWN = {"name before it was corrected", "name of rita", "subject of an identity"}
NEVER_SHOWN |= {"secret of the provider", "secret of the spare_provider"}
"""Texts that nothing that is called here shows: a name that a person had is not even kept in the audit, the people
of the rival stand on the page of that partner alone, and how a provider knows us and somebody is nobody's to read."""
_NEXT_PAGE = re.compile(r'rel="next" href="[^"?]*\?([^"]*)"')


class Markup(HTMLParser):
    """What a browser would run: scripts that are written into the page, handlers in attributes, addresses of script."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "script" and not values.get("src"):
            self.found.append(str(self.get_starttag_text()))
        for name, value in attrs:
            runs = (value or "").strip().lower().startswith(("javascript:", "data:text", "vbscript:"))
            if name.startswith("on") or name == "srcdoc" or runs or "<" in name or "alert" in name:
                self.found.append(f"{name}={value} in {self.get_starttag_text()}")


def executed(html: str) -> list[str]:
    """What in this page came from somebody's text and is more than text."""
    reader = Markup()
    reader.feed(html)
    found = reader.found
    lower = html.lower()
    found += ["a raw script"] if "<script>alert(1)" in lower else []
    found += ["an evaluated template"] if EVALUATED in lower else []
    return found


def wrong_in(answer: TestResponse) -> list[str]:
    """What an answer would have executed, by its kind."""
    if answer.mimetype in ("text/html", "image/svg+xml"):
        return executed(answer.get_data(as_text=True))
    if answer.mimetype == "application/pdf":
        return ["a template that was evaluated"] if EVALUATED in text_of(answer) else []
    is_known = answer.mimetype in (
        "application/json",
        "application/problem+json",
        "text/plain",
        "text/javascript",
        "image/png",
    )
    found = [] if is_known else [f"a body of type {answer.mimetype}"] if answer.data else []
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        found.append("a browser may guess what this is")
    return found + (["an evaluated template"] if EVALUATED.encode() in answer.get_data() else [])


@pytest.fixture(scope="module")
def rules(application: OpenAPI) -> dict[str, tuple[Rule, str]]:
    """Rule and method of each endpoint."""
    return {rule.endpoint: (rule, method) for rule, method in routes(application)}


@pytest.fixture
def callers(app: OpenAPI, other_world: World) -> dict[str, Caller]:
    """Whom the examples name."""
    cast = other_world.cast
    callers = {name: member(cast, name) for name in ("alice", "bob", "pat")}
    return {**callers, "customer": stranger(app), "machine": machine(app, cast.api_key)}


@pytest.mark.parametrize("endpoint", LOOKING)
def test_a_page_shows_texts_as_texts(other_world: World, callers: dict[str, Caller], rules: Any, endpoint: str) -> None:
    example = EXAMPLES[endpoint]
    answer = callers[example.by](call_of(*rules[endpoint], example, other_world.names, other_world.cast.slug))
    assert answer.status_code == example.ok
    assert wrong_in(answer) == []


@pytest.mark.parametrize("endpoint", LOOKING)
def test_an_address_comes_back_as_text(
    other_world: World, callers: dict[str, Caller], rules: Any, endpoint: str
) -> None:
    """The same in every part of the query that pages read."""
    example = EXAMPLES[endpoint]
    names = ("q", "cursor", "next", "show", "metric", "by", "from", "lang", "score", "stage", "heed.locale", "survey")
    query = dict.fromkeys((*names, *example.query), payload("", 0))
    call = call_of(*rules[endpoint], replace(example, query=query), other_world.names, other_world.cast.slug)
    answer = callers[example.by](call)
    assert answer.status_code < 500
    assert wrong_in(answer) == []


def test_every_text_is_shown_somewhere(
    other_world: World, callers: dict[str, Caller], rules: Any, app: OpenAPI
) -> None:
    """Else the tests of this file would pass because nobody looks: each text of the world stands on some page or mail.

    It stands before the tests that send forms, because some of those take things away.
    """
    shown = []
    for endpoint in LOOKING:
        example = replace(EXAMPLES[endpoint], query={})  # whatever a filter would leave out is looked at, too
        caller = callers[example.by]
        for names in everything_like(other_world, names_in(dict(example.path))):
            for answer in every_page(caller, call_of(*rules[endpoint], example, names, other_world.cast.slug)):
                shown.append(_plain(answer))
                assert wrong_in(answer) == [], (endpoint, names)
    with other_world.cast.scope():
        shown += [f"{message.html} {message.text}".lower() for message in db.session.query(Message)]
    everything = "\n".join(shown)
    missing = {about for text, about in other_world.texts.meaning.items() if text not in everything}
    assert missing <= NEVER_SHOWN, sorted(missing)


@pytest.mark.parametrize("endpoint", SENDING)
def test_what_was_typed_comes_back_as_text(
    other_world: World, callers: dict[str, Caller], rules: Any, endpoint: str
) -> None:
    """Every field of every form, twice as long as a name may be, so that most forms come back."""
    example = EXAMPLES[endpoint]
    typed = dict.fromkeys(example.form or {}, payload("", 0) * 3)
    call = call_of(*rules[endpoint], replace(example, form=typed), other_world.names, other_world.cast.slug)
    answer = callers[example.by](call)
    assert answer.status_code < 500
    assert wrong_in(answer) == []


def test_mails_show_texts_as_texts(other_world: World, app: OpenAPI) -> None:
    with other_world.cast.scope():
        messages = db.session.query(Message).all()
    assert {message.purpose for message in messages} >= {"invitation"}
    for message in messages:
        assert executed(message.html) == []
        assert EVALUATED not in message.text + message.subject
        assert "\n" not in message.subject + message.from_name
        assert SCRIPT in message.text, "the text part shows what was written, as it was written"


def everything_like(world: World, named: set[str]) -> Iterator[dict[str, Any]]:
    """The things of the world, with each thing of the same kind in the place of the one that an address names."""
    kinds: dict[str, Any] = {"case": Case.number, "customer": Customer.id, "response": Response.id}
    kinds |= {"survey": Survey.key, "interaction": Interaction.external_id, "provider": IdentityProvider.id}
    kind = next((kind for kind in kinds if kind in named), None)
    if kind is None:
        yield world.names
        return
    with world.cast.scope():
        things = list(db.session.scalars(select(kinds[kind])))
    for thing in things:
        yield {**world.names, kind: thing}


def every_page(caller: Caller, call: Call) -> Iterator[TestResponse]:
    """The answer, and those to which its links "Next page" lead."""
    while True:
        answer = caller(call)
        yield answer
        following = _NEXT_PAGE.search(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else None
        if following is None:
            return
        call = replace(call, options={"query_string": unescape(following[1])})


def _plain(answer: TestResponse) -> str:
    if answer.is_json:
        return json.dumps(answer.json, ensure_ascii=False).replace('\\"', '"').lower()
    return text_of(answer)
