"""The demo tenant, loaded once for all tests of this folder: begun, broken off half-way, then told whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import func, select

from app.demo.shop import service, start
from app.demo.shop.setting import PEOPLE, SLUG
from app.kernel import clock
from app.kernel.db import TenantModel, db
from app.kernel.outbox_model import OutboxRow
from app.kernel.scope import tenant_scope
from app.loop.cases.models import Case, CaseAlarm, CaseClosure, CaseEvent, CaseRootCause
from app.loop.cases.rules import NEVER
from app.surveys.answering.models import Response
from app.tenants import queries
from tests.cast import Cast, PageClient, make_cast

T = TypeVar("T", bound=TenantModel)
READ = (Response, Case, CaseEvent, CaseRootCause, CaseClosure, CaseAlarm, OutboxRow)


@dataclass
class Shop:
    """The demo tenant as a cast, another tenant beside it, and what was seen while and after it was loaded.

    What stands in the tables is read once the load is over: other tests walk through the tenant afterwards.
    """

    cast: Cast
    beside: Cast
    beside_before: Counter[str]
    first_lines: list[str]
    after_break: Counter[str]
    progress: list[tuple[int, int]] = field(default_factory=list)
    filled_at: datetime = NEVER
    was_told: bool = False
    told: dict[str, int | str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _rows: dict[type[TenantModel], list[Any]] = field(default_factory=dict)

    def read(self) -> None:
        """Keep what stands in the tables now."""
        self.counts = rows_of(self.cast)
        with self.cast.scope():
            self.told = service.count_told()
            for model in READ:
                self._rows[model] = list(db.session.scalars(select(model)))

    def rows(self, model: type[T]) -> list[T]:
        """The rows of this table as the load has left them."""
        return self._rows[model]

    def client(self, name: str) -> PageClient:
        """A browser in which this person is signed in."""
        with self.cast.app.app_context():
            return self.cast.client(name)


def rows_of(cast: Cast) -> Counter[str]:
    """How many rows this tenant has in each of its tables."""
    models = [mapper.class_ for mapper in TenantModel.registry.mappers if issubclass(mapper.class_, TenantModel)]
    with cast.app.app_context(), cast.scope():
        return Counter(
            {model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) or 0 for model in models}
        )


@pytest.fixture(scope="session")
def shop(application: OpenAPI) -> Iterator[Shop]:
    """The demo tenant with its whole year, and every job run that the load owed."""
    with application.app_context():
        beside = make_cast(application)
        before = rows_of(beside)
        lines = start.open_demo()
        tenant_id = service.open_shop()
        cast = Cast(application, tenant_id, SLUG, "")
        with tenant_scope(tenant_id):
            for person in PEOPLE:
                found = queries.find_member_by_email(person.email)
                assert found is not None
                cast.users[person.email.partition("@")[0]] = found[1].id
        stops = iter((False, False, True))
        with tenant_scope(tenant_id):
            service.fill_shop_unless(lambda: next(stops))
        found_rows = rows_of(cast)
        shop = Shop(cast, beside, before, lines, found_rows)
        shop.filled_at = clock.now()
        with tenant_scope(tenant_id):
            shop.was_told = service.fill_shop(lambda done, months: shop.progress.append((done, months)))
        cast.run_jobs()
        shop.read()
    yield shop
