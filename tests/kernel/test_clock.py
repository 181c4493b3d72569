"""The clock: it stands still in an invented past, never in the future, and the outbox does not believe it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask_openapi3 import OpenAPI
from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.events import publish
from app.kernel.ids import new_id
from app.kernel.outbox_model import OutboxRow
from app.surveys.answering.events import ResponseSubmitted
from tests.cast import Cast

SPRING = datetime(2024, 4, 1, 12, tzinfo=UTC)


def test_inside_as_of_it_is_that_moment_and_afterwards_now_again() -> None:
    with clock.as_of(SPRING):
        assert clock.now() == SPRING
        with clock.as_of(SPRING - timedelta(days=1)):
            assert clock.now() == SPRING - timedelta(days=1)
        assert clock.now() == SPRING
        assert clock.actual() - SPRING > timedelta(days=365)
    with pytest.raises(LookupError), clock.as_of(SPRING):
        raise LookupError("whatever fails inside must not leave the clock behind")
    assert clock.actual() - clock.now() < timedelta(minutes=1)


def test_nothing_is_done_tomorrow_and_no_moment_is_guessed() -> None:
    for moment in (clock.actual() + timedelta(seconds=30), SPRING.replace(tzinfo=None)):
        with pytest.raises(ValueError, match="past moment with an offset"), clock.as_of(moment):
            raise AssertionError("never reached")


def test_work_that_is_owed_waits_from_today_on(app: OpenAPI, cast: Cast) -> None:
    with cast.scope():
        with atomic(), clock.as_of(SPRING):
            publish(ResponseSubmitted(new_id()))
        rows = list(db.session.scalars(select(OutboxRow)))
    assert rows
    assert all(clock.now() - row.due_at < timedelta(hours=1) for row in rows)
    assert all(clock.now() - row.created_at < timedelta(hours=1) for row in rows)
