"""Events and jobs: each job takes the tenant first, each event is past tense and wired once."""

from __future__ import annotations

import inspect
from uuid import UUID

from app import handlers
from app.kernel.events import DirectoryEvent, Event

TABLES = (handlers.JOBS, handlers.NOTICES)
WIRED = [(event, job) for table in TABLES for event, jobs in table.items() for job in jobs]


def test_every_job_takes_the_tenant_first_unless_there_is_none() -> None:
    for event, job in WIRED:
        first = next(iter(inspect.signature(job, eval_str=True).parameters.values()))
        takes_tenant = (first.name, first.annotation) == ("tenant_id", UUID)
        assert takes_tenant != issubclass(event, DirectoryEvent), job


def test_job_names_are_unique() -> None:
    names = [(job.__name__, job.__module__) for _event, job in WIRED]
    assert len({name for name, _module in names}) == len(set(names))


def test_jobs_take_the_fields_of_their_events() -> None:
    for event, job in WIRED:
        parameters = set(inspect.signature(job).parameters) - {"tenant_id"}
        assert set(event.__dataclass_fields__) == parameters, (event, job)


def test_every_event_class_is_wired() -> None:
    def below(kind: type[Event]) -> set[type[Event]]:
        return set(kind.__subclasses__()).union(*(below(sub) for sub in kind.__subclasses__()))

    found = {event for event in below(Event) if event.__module__.startswith("app.")}
    assert found - {DirectoryEvent} == {event for event, _job in WIRED}
