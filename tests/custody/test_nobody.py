"""Whoever was forgotten is nobody: no page opens them, nothing gives them a name, and lists pass them by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import select

from app.custody.keeping import letting_go, service
from app.custody.keeping.rules import Terms
from app.customers import service as customers
from app.customers.models import Customer, Suppression
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.errors import NotFound
from app.loop.cases.models import Case
from tests.cast import Cast
from tests.house.life import make_world

YEARS = 4 * 366 * 24 * 3600


@pytest.fixture(autouse=True)
def clock_is_put_back() -> Iterator[None]:
    yield
    clock.shift(0)


def test_nobody_is_no_customer(cast: Cast) -> None:
    with cast.scope(), atomic():
        letting_go.ensure_nobody()
    alice, nobody = cast.client("alice"), f"customers/{cast.tenant_id}"
    opened = {alice.get(nobody + more).status_code for more in ("", "/correction")}
    changed = {alice.post(nobody + more, {"name": "Ana"}).status_code for more in ("/correction", "/suppression",
                                                                                   "/suppression/lifting")}  # fmt: skip
    assert opened | changed == {404}
    assert str(cast.tenant_id) not in alice.get("customers/").text
    with cast.scope():
        with pytest.raises(NotFound):
            customers.suppress(cast.tenant_id, "agent")
        with pytest.raises(NotFound):
            customers.correct_customer(cast.tenant_id, name="Ana", locale=None, timezone=None)
        assert db.session.scalars(select(Customer.name)).all() == [None]
        assert db.session.scalars(select(Suppression)).all() == []


def test_pages_say_that_they_are_forgotten(application: OpenAPI) -> None:
    with application.app_context():
        world = make_world(application, mark="n")
        cast, names = world.cast, world.names
        with cast.scope(), atomic():
            for case in db.session.scalars(select(Case).where(Case.status != "closed")):
                case.status, case.closed_at, case.closure_outcome = "closed", clock.now(), "rejected"
        clock.shift(YEARS)
        with cast.scope():
            service.choose(Terms(13, 24, 36, None), is_held=False)
            found = service.find_retention()
            assert found is not None
            service.apply_retention(found.next_at)
        alice = cast.client("alice")
        for page in (f"cases/{names['case']}", f"responses/{names['response']}", "cases/?show=all"):
            text = alice.get(page).text
            assert "Forgotten customer" in text, page
            assert f"customers/{cast.tenant_id}" not in text, page
