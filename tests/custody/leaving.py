"""Having a tenant deleted: what the tests of it do again and again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.custody.departing import queries, service
from app.custody.departing.models import Departure
from app.kernel import clock, outbox
from app.kernel.scope import directory_scope
from tests.cast import Cast

WEEK = int(timedelta(days=7, minutes=1).total_seconds())
MONTH = int(timedelta(days=31).total_seconds())


def asked(cast: Cast) -> UUID:
    """The departure that alice has asked for."""
    with cast.scope():
        return service.ask_to_depart(cast.users["alice"], cast.slug).id


def run_directory_jobs() -> None:
    """Whatever is due in no tenant."""
    while outbox.drain_place(None, float("inf")):
        pass


def found(departure_id: UUID) -> Departure:
    """The departure as it stands."""
    with directory_scope():
        departure = queries.find_departure(departure_id)
        assert departure is not None
        return departure


def gone(cast: Cast) -> Departure:
    """The tenant, deleted by its worker after the grace."""
    departure_id = asked(cast)
    clock.shift(WEEK)
    run_directory_jobs()
    return found(departure_id)
