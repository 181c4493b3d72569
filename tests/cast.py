"""The cast: people with roles in a fresh tenant, and clients that act as them."""

from __future__ import annotations

import itertools
import os
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from flask import Flask, g, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.kernel import clock, outbox
from app.kernel.db import atomic
from app.kernel.ids import new_id
from app.kernel.scope import directory_scope, tenant_scope
from app.partners.models import Partner
from app.tenants import key_service, queries, service
from app.tenants.accounts.client import Client
from app.tenants.accounts.models import UserSession
from app.tenants.accounts.service import begin_session
from tests.casting import copy_of, take_pattern

PASSWORD = "correct horse battery"
_count = itertools.count(1)


@dataclass
class Cast:
    """One tenant and its people; ids by first name in `users`."""

    app: Flask
    tenant_id: UUID
    slug: str
    api_key: str
    users: dict[str, UUID] = field(default_factory=dict)
    partner_id: UUID | None = None

    def scope(self) -> AbstractContextManager[UUID]:
        """Work as staff of this tenant."""
        return tenant_scope(self.tenant_id)

    def email(self, name: str) -> str:
        """The address of one of the cast."""
        return f"{name}@{self.slug}.example"

    def client(self, name: str) -> PageClient:
        """A browser in which this person is signed in."""
        with directory_scope():
            _row, identity = begin_session(self.users[name], "password", Client("127.0.0.1", ""))
            keep_fresh(self.users[name])
        return PageClient(self.app, self.slug, identity)

    def api(self, key: str | None = None) -> ApiClient:
        """A machine with the tenant's admin key, or with `key`."""
        return ApiClient(self.app, key or self.api_key)

    def key(self, *scopes: str) -> str:
        """A new API key with these scopes."""
        with self.scope():
            return key_service.create_api_key("test", scopes)

    def run_jobs(self) -> int:
        """Run what is due in this tenant, as a worker would; returns how many jobs ran. Fails when a job failed."""
        ran = 0
        while found := outbox.drain_place(self.tenant_id, float("inf")):
            ran += found
        with self.scope():
            failed = outbox.list_failed()
        assert not failed, failed
        return ran


def make_cast(app: Flask, admin: str = "alice") -> Cast:
    """A tenant with an admin, an agent (bob), an analyst (dana) and a partner's user (pat)."""
    patterns = app.extensions.setdefault("cast_patterns", {})
    if admin not in patterns:
        first = _first_cast(app, admin)
        patterns[admin] = first, take_pattern(app, first.tenant_id, first.slug, first.api_key, clock.now())
    first, pattern = patterns[admin]
    slug = _new_slug()
    made = copy_of(pattern, app, slug)
    users = {name: made.ids[user_id] for name, user_id in first.users.items()}
    return Cast(app, made.tenant_id, slug, made.api_key, users, made.ids[first.partner_id])


def _new_slug() -> str:
    return f"t{os.getpid()}-{next(_count)}"


def _first_cast(app: Flask, admin: str) -> Cast:
    slug = f"pattern-{_new_slug()}-x"
    made = service.create_tenant(
        slug, f"Tenant {slug}", f"{admin}@{slug}.example", PASSWORD, timezone="America/Sao_Paulo"
    )
    cast = Cast(app, made.tenant_id, slug, made.api_key)
    with cast.scope():
        partner_id = new_id()
        with atomic() as db_session:
            db_session.add(
                Partner(id=partner_id, partner_id=partner_id, key="pats", name="Pat's Vans", created_at=clock.now())
            )
        cast.partner_id = partner_id
        cast.users["bob"] = service.add_member(cast.email("bob"), "agent", PASSWORD, name="Bob")
        cast.users["dana"] = service.add_member(cast.email("dana"), "analyst", PASSWORD, name="Dana")
        cast.users["pat"] = service.add_member(
            cast.email("pat"), "partner", PASSWORD, name="Pat", partner_id=partner_id
        )
        found = queries.find_member_by_email(cast.email(admin))
        assert found is not None
        cast.users[admin] = found[1].id
    cast.run_jobs()
    return cast


def keep_fresh(user_id: UUID) -> None:
    """Let the sessions of a person be fresh for as long as a test may take, whatever the machine has to do meanwhile.

    Called in a directory scope.
    """
    with atomic() as db_session:
        query = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        db_session.execute(query.values(fresh_until=clock.now() + timedelta(hours=12)))


class PageClient:
    """A signed-in browser without script: follows no redirect, sends the CSRF token with each POST."""

    def __init__(self, app: Flask, slug: str, identity: str | None = None) -> None:
        self.slug = slug
        self._app = app
        self._client: FlaskClient = app.test_client()
        self.renew_token()
        with self._client.session_transaction() as stored:
            if identity:
                stored["_user_id"] = identity
                stored["_fresh"] = True

    def renew_token(self) -> None:
        """Have a CSRF token again after the session was replaced, as the next page would give it."""
        with self._app.test_request_context():
            g.pop("csrf_token", None)
            self._token = generate_csrf()
            raw = session["csrf_token"]
        with self._client.session_transaction() as stored:
            stored["csrf_token"] = raw

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET a path; one that does not begin with "/" is below the tenant's pages."""
        with self._app.app_context():  # a request must not find what an earlier one left in `g`
            return self._client.get(self._full(path), **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """POST a form (or `json`) with the CSRF token."""
        headers = {"X-CSRFToken": self._token, **options.pop("headers", {})}
        body = {} if "json" in options else {"data": data or {}}
        with self._app.app_context():
            return self._client.post(self._full(path), headers=headers, **body, **options)

    def post_to(self, address: str, path: str, data: dict[str, Any]) -> httpx.Response:
        """POST a form to a real server: it sends its answer where no context of the test is open."""
        cookie = self._client.get_cookie("heed")
        assert cookie is not None
        headers = {"X-CSRFToken": self._token, "Cookie": f"heed={cookie.value}"}
        return httpx.post(f"{address}{self._full(path)}", data=data, headers=headers, timeout=60)

    def _full(self, path: str) -> str:
        return path if path.startswith("/") else f"/t/{self.slug}/{path}"


class ApiClient:
    """A machine that talks JSON with an API key."""

    def __init__(self, app: Flask, key: str | None) -> None:
        self._app = app
        self._client: FlaskClient = app.test_client()
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def call(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        """Call /api/v1/<path>."""
        headers = {**self._headers, **options.pop("headers", {})}
        if json is not None:
            options["json"] = json
        with self._app.app_context():
            return self._client.open(f"/api/v1/{path}", method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET /api/v1/<path>."""
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        """POST /api/v1/<path>."""
        return self.call("POST", path, json, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        """PUT /api/v1/<path>."""
        return self.call("PUT", path, json, **options)
