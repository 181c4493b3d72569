"""An example counts for no plan: it has no subscription, its seats and answers are nobody's usage, and its tenant's
numbers stay as they are."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.billing.models import Subscription, UsageCounter
from app.billing.service import counting
from app.kernel.db import atomic, db
from app.kernel.scope import directory_scope
from app.surveys.answering.models import Response
from app.tenants.examples.queries import find_example_of
from app.tenants.service import add_member
from tests.billing.conftest import make_free
from tests.cast import PASSWORD, Cast
from tests.examples import forget_stories
from tests.factories.answering import make_response


@pytest.fixture
def example(payer: Cast) -> Cast:
    """The example of a tenant whose plan has two places, both taken."""
    make_free(payer)
    assert payer.client("alice").post("example/").status_code == 303
    forget_stories()
    with directory_scope():
        found = find_example_of(payer.tenant_id)
        assert found is not None
        return Cast(payer.app, found.id, found.slug, "", payer.users)


def test_what_happens_in_it_is_nobodys_usage(payer: Cast, example: Cast) -> None:
    with example.scope():
        with atomic():
            assert [counting.count_one(kind) for kind in ("responses", "mails")] == [(None, True)] * 2
        answered = select(Response).where(Response.id == make_response({"nps": 9}).response_id)
        assert db.session.scalars(answered).one().over_plan_month is None
        for number in range(5):
            add_member(f"person-{number}@{example.slug}.test", "agent", PASSWORD)
        counts = [list(db.session.scalars(select(model.id))) for model in (Subscription, UsageCounter)]
    assert counts == [[], []]


def test_its_tenant_has_as_many_places_as_before_and_one_bill(payer: Cast, example: Cast) -> None:
    refused = payer.client("alice").post("settings/team/invites", {"email": "new@example.com", "role": "agent"})
    assert refused.status_code == 422, "the plan of the real one still counts"
    assert example.client("alice").get("settings/billing/").status_code == 403
    assert "settings/billing" not in example.client("alice").get("settings/").text
    assert example.client("alice").get("cases/").status_code == 200
