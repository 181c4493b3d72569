"""Log lines name the tenant from the moment it is known, whoever asks: staff, a customer, a machine, a job."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import request_finished

from app.kernel import events, outbox
from app.runtime import logs
from tests.cast import Cast
from tests.factories.answering import make_customer, make_response

Lines = list[dict[str, Any]]


@pytest.fixture
def lines(cast: Cast) -> Iterator[Lines]:
    """The lines that are written, and one more at the end of each request."""
    found: Lines = []
    written = logs.formatter("json")

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(written.format(record)))

    def tell(_sender: object, **_facts: Any) -> None:
        logging.getLogger("test").warning("answered")

    handler = Kept()
    logging.getLogger().addHandler(handler)
    with request_finished.connected_to(tell, cast.app):
        yield found
    logging.getLogger().removeHandler(handler)


ASKING: dict[str, Callable[[Cast], Any]] = {
    "staff": lambda cast: cast.client("bob").get("cases/"),
    "a customer": lambda cast: make_customer(cast).get(),
    "a machine": lambda cast: cast.api().get("partners"),
}


@pytest.mark.parametrize("who", ASKING)
def test_a_request_names_its_tenant(cast: Cast, lines: Lines, who: str) -> None:
    assert ASKING[who](cast).status_code == 200
    assert [line["tenant"] for line in lines if line["event"] == "answered"] == [str(cast.tenant_id)]
    cast.client("bob").get("/health/live")
    assert "tenant" not in lines[-1], "the next request on this thread is not this tenant's"


def test_a_job_that_fails_names_its_tenant(cast: Cast, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_tenant: object, **_payload: Any) -> None:
        logging.getLogger("job").warning("running")
        raise ValueError("broken")

    with cast.scope():
        make_response()
    monkeypatch.setattr(events, "job_named", lambda _name: broken)
    outbox.drain_place(cast.tenant_id, float("inf"))
    said = {line["event"].partition(" ")[0]: line.get("tenant") for line in lines}
    assert said["running"] == said["job"] == str(cast.tenant_id)
    logging.getLogger("test").warning("outside")
    assert "tenant" not in lines[-1]
