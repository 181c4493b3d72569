"""The demo tenant, loaded once for all tests of this folder: begun, broken off half-way, then told whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import func, select

from app.demo.shop import service, start
from app.demo.shop.setting import PEOPLE, SLUG
from app.kernel.db import TenantModel, db
from app.kernel.scope import tenant_scope
from app.tenants import queries
from tests.cast import Cast, PageClient, make_cast


@dataclass
class Shop:
    """The demo tenant as a cast, another tenant beside it, and what was seen while the demo was loaded."""

    cast: Cast
    beside: Cast
    beside_before: Counter[str]
    first_lines: list[str]
    after_break: Counter[str]
    progress: list[tuple[int, int]] = field(default_factory=list)
    was_told: bool = False

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
        with pytest.raises(KeyboardInterrupt), tenant_scope(tenant_id):
            service.fill_shop(_break_off)
        found_rows = rows_of(cast)
        shop = Shop(cast, beside, before, lines, found_rows)
        with tenant_scope(tenant_id):
            shop.was_told = service.fill_shop(lambda done, months: shop.progress.append((done, months)))
        cast.run_jobs()
    yield shop


def _break_off(done: int, _months: int) -> None:
    """The process is stopped half-way."""
    if done == 3:
        raise KeyboardInterrupt
