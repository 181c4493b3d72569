"""Calling routes by their examples, as anybody: who calls, what is called, what came back, and what changed."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy.exc import ProgrammingError
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.kernel.db import Base, atomic
from app.kernel.ids import new_id, parse_id
from tests.cast import Cast, PageClient
from tests.house.world import World

MARK = re.compile(r"(?:a|rival)-canary-[a-z]?\d+", re.ASCII)
_PLACE = re.compile(r"\{(\w+)\}")
Names = Mapping[str, Any]


# --- what is called ---


@dataclass(frozen=True)
class Example:
    """How one route is called: values of its path, query and body, in which "{name}" stands for a thing of a world.

    `ok` is what the right caller (`by`) gets; `foreign` what the admin of another tenant gets there for the same
    things (404 unless said otherwise).
    """

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    ok: int = 200
    foreign: int = 404
    by: str = "alice"


@dataclass(frozen=True)
class Call:
    """One request, ready to be made."""

    method: str
    url: str
    options: Mapping[str, Any]

    def said(self) -> str:
        """Everything that the caller has said."""
        return unquote(f"{self.url} {self.options}").lower()


def fill(value: Any, names: Names) -> Any:
    """`value` with the things of a world in it; a text that is one place alone becomes the thing itself."""
    if isinstance(value, Mapping):
        return {fill(key, names): fill(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, names) for item in value]
    if not isinstance(value, str):
        return value
    if whole := _PLACE.fullmatch(value):
        return _thing(names, whole[1])
    return _PLACE.sub(lambda place: str(_thing(names, place[1])), value)


def _thing(names: Names, name: str) -> Any:
    found = names[name]
    return found() if callable(found) else found


def names_in(value: Any) -> set[str]:
    """The names of things that stand in an example's values."""
    if isinstance(value, Mapping):
        return set().union(*(names_in(part) for pair in value.items() for part in pair))
    if isinstance(value, list):
        return set().union(*(names_in(item) for item in value))
    return set(_PLACE.findall(value)) if isinstance(value, str) else set()


def call_of(rule: Rule, method: str, example: Example, names: Names, slug: str) -> Call:
    """The request of an example for the things of `names`, at the pages of the tenant `slug`."""
    path = {"tenant": slug, **fill(example.path, names)}
    url = re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda part: quote(str(path[part[1]]), safe=""), rule.rule)
    options: dict[str, Any] = {"query_string": fill(example.query, names)}
    if example.form is not None:
        options["data"] = fill(example.form, names)
    if example.json is not None:
        options["json"] = fill(example.json, names)
    if example.headers:
        options["headers"] = dict(example.headers)
    return Call(method, url, options)


def nobodys(names: Names) -> dict[str, Any]:
    """Things of the same shape that nobody has."""
    return {name: _nobodys(value) for name, value in names.items()}


def _nobodys(value: Any) -> Any:
    if callable(value):
        return "2020-01-01T00:00:00+00:00"
    if isinstance(value, int):
        return value + 900_000
    if parse_id(value) is not None:
        return str(new_id())
    return "nobody@example.com" if "@" in value else f"nobodys-{new_id().hex}"


# --- who calls ---

Caller = Callable[[Call], TestResponse]


def stranger(app: Flask) -> Caller:
    """Somebody without session and key; brings a CSRF token, because anybody can get one."""
    return _browser(app, PageClient(app, ""))


def member(cast: Cast, name: str) -> Caller:
    """Somebody who is signed in."""
    return _browser(cast.app, cast.client(name))


def machine(app: Flask, key: str | None) -> Caller:
    """A machine with this key."""
    client: FlaskClient = app.test_client()
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    def open_(call: Call) -> TestResponse:
        with app.app_context():
            return client.open(call.url, method=call.method, **_with(call, headers))

    return open_


def _browser(app: Flask, browser: PageClient) -> Caller:
    def open_(call: Call) -> TestResponse:
        headers = {"X-CSRFToken": browser._token}
        with app.app_context():  # a request must not find what an earlier one left in `g`
            return browser._client.open(call.url, method=call.method, **_with(call, headers))

    return open_


def _with(call: Call, headers: Mapping[str, str]) -> dict[str, Any]:
    """The options of a call, with these headers beside its own."""
    return {**call.options, "headers": {**call.options.get("headers", {}), **headers}}


def without_token(cast: Cast, name: str) -> Caller:
    """Somebody signed in whose requests come from another site: with the session, without the CSRF token."""
    browser = cast.client(name)

    def open_(call: Call) -> TestResponse:
        with cast.app.app_context():
            return browser._client.open(call.url, method=call.method, **call.options)

    return open_


# --- what came back ---


def marks(answer: TestResponse, call: Call) -> set[str]:
    """The marks that an answer holds in any byte of its body or headers, without those that the caller sent."""
    return set(MARK.findall(text_of(answer))) - set(MARK.findall(call.said()))


def text_of(answer: TestResponse) -> str:
    """Body and headers in small letters, with the escapes of HTML, JSON and addresses undone."""
    # A picture is no text, but a mark in it would be found all the same.
    raw = f"{answer.headers}\n{_printed(answer) if _is_pdf(answer) else answer.get_data().decode('utf-8', 'replace')}"
    return unquote(html.unescape(raw)).lower()


def _is_pdf(answer: TestResponse) -> bool:
    return answer.mimetype == "application/pdf"


def _printed(answer: TestResponse) -> str:
    """What can be read on the paper, and what the file says of itself."""
    reader = PdfReader(BytesIO(answer.data))
    return "\n".join([str(reader.metadata), *(page.extract_text() for page in reader.pages)])


_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def ids(answer: TestResponse, call: Call) -> set[str]:
    """The ids that an answer holds, without those that the caller sent."""
    return set(_ID.findall(text_of(answer))) - set(_ID.findall(call.said()))


def anonymised(answer: TestResponse, call: Call) -> str:
    """An answer's body without the address that was asked for: equal for two things that look the same."""
    body = answer.get_data(as_text=True)
    for part in unquote(call.url).split("/"):
        body = body.replace(part, "…") if len(part) > 8 else body
    return body


# --- what changed ---


@cache
def _tables() -> tuple[str, ...]:
    return tuple(sorted(table.name for table in Base.metadata.sorted_tables if "tenant_id" in table.c))


class Ledger:
    """Fingerprints of the rows of a tenant, or of all: read by the superuser, whom no wall keeps from any row."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def of(self, tenant_id: UUID) -> dict[str, str]:
        """Per table the number of the tenant's rows and a digest of all of them; users and the tenant's row as well."""
        parts = [_digest(table, f"tenant_id = '{tenant_id}'") for table in _tables()]
        parts.append(_digest("tenants", f"id = '{tenant_id}'"))
        people = f"IN (SELECT user_id FROM memberships WHERE tenant_id = '{tenant_id}')"
        parts.append(_digest("users", f"id {people}"))
        parts += [_digest(table, f"user_id {people}") for table in ("passkeys", "authenticators", "recovery_codes")]
        return self._read(parts)

    def of_all(self) -> dict[str, str]:
        """The same over every tenant."""
        return self._read([_digest(table, "true") for table in (*_tables(), "tenants", "users")])

    def ids(self, tenant_id: UUID) -> set[str]:
        """The ids of every row of the tenant."""
        union = " UNION ALL ".join(
            f"SELECT id::text FROM {table} WHERE tenant_id = '{tenant_id}'" for table in _tables()
        )
        return {row[0] for row in self._connection.execute(union.encode())}

    def _read(self, parts: list[str]) -> dict[str, str]:
        return dict(self._connection.execute(" UNION ALL ".join(parts).encode()).fetchall())


def _digest(table: str, where: str) -> str:
    # When a key was used is noted whatever it was used for, and changes nothing for anybody.
    row = "(to_jsonb(r) - 'last_used_at')::text" if table == "api_keys" else "r::text"
    rows = f"count(*) || ':' || coalesce(md5(string_agg({row}, '|' ORDER BY {row})), '')"
    return f"SELECT '{table}', {rows} FROM {table} r WHERE {where}"


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The tables whose rows are not what they were."""
    return [table for table in before if before[table] != after[table]]


@contextmanager
def nothing_changes(world: World, ledger: Ledger, but: Collection[str] = ()) -> Iterator[None]:
    """Fails when a row of the world is another afterwards, outside the tables of `but`."""
    before = ledger.of(world.cast.tenant_id)
    yield
    after = ledger.of(world.cast.tenant_id)
    assert [table for table in changed(before, after) if table not in but] == []


def affected(statement: Any) -> int:
    """How many rows a statement has changed; none when it is refused."""
    try:
        with atomic() as session:
            return session.execute(statement.execution_options(synchronize_session=False)).rowcount
    except ProgrammingError as refused:
        assert re.search("row-level security|permission denied", str(refused))
        return 0


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every rule of the application with each method that it has of its own."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method
