"""Having a tenant deleted: what the tests of it do again and again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.custody.departing import queries, service
from app.custody.departing.models import Departure
from app.demo.shop import example as stories
from app.kernel import clock, outbox
from app.kernel.scope import directory_scope
from app.tenants.examples.queries import find_example_of
from tests.cast import Cast

WEEK = int(timedelta(days=7, minutes=1).total_seconds())
MONTH = int(timedelta(days=31).total_seconds())


def asked(cast: Cast) -> UUID:
    """The departure that alice has asked for."""
    with cast.scope():
        return service.ask_to_depart(cast.users["alice"], cast.slug).id


def example_of(cast: Cast) -> Cast:
    """The tenant's example, with the first chapter of its story told."""
    assert cast.client("alice").post("example/").status_code == 303
    with directory_scope():
        example = find_example_of(cast.tenant_id)
        assert example is not None
    made = Cast(cast.app, example.id, example.slug, "", cast.users)
    with made.scope():
        stories._tell_next(stories._story())
        assert any(queries.count_left(made.tenant_id).values())
    return made


def run_directory_jobs() -> None:
    """Whatever is due in no tenant."""
    while outbox.drain_place(None, float("inf")):
        pass


def run_removals() -> None:
    """The same, and what then waits for those who were under way as the doors closed."""
    run_directory_jobs()
    clock.shift(int(clock._offset.total_seconds()) + 61)
    run_directory_jobs()


def remove_at_once(cast: Cast) -> UUID:
    """The departure of a tenant that is gone now; its other jobs are still to be done."""
    with directory_scope():
        departure_id = service.remove_now(cast.tenant_id)
        assert service.delete_tenant(departure_id) is False
        clock.shift(int(clock._offset.total_seconds()) + 61)
        assert service.delete_tenant(departure_id)
        return departure_id


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
    run_removals()
    return found(departure_id)
