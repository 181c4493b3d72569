"""A legal hold keeps everything: nobody has a tenant deleted under it, and what was asked for before is called off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask_openapi3 import OpenAPI

from app.custody.commands import delete
from app.custody.departing import queries, service
from app.custody.keeping import service as keeping
from app.custody.keeping.forms import DEFAULT
from app.kernel import clock
from app.kernel.errors import Conflict
from app.kernel.scope import directory_scope
from tests import smtp
from tests.audits import list_audit
from tests.cast import Cast
from tests.custody.leaving import WEEK, asked, example_of, found, run_directory_jobs, run_removals
from tests.custody.operating import run_command


@pytest.fixture(autouse=True)
def clock_is_put_back() -> Iterator[None]:
    yield
    clock.shift(0)


def hold(cast: Cast, *, is_held: bool = True) -> None:
    with cast.scope():
        keeping.choose(DEFAULT, is_held=is_held)


def test_under_a_hold_nobody_asks_for_it(cast: Cast) -> None:
    hold(cast)
    alice = cast.client("alice")
    page = alice.get("settings/data/deletion").text
    assert ("A legal hold is on" in page, 'name="slug"' in page) == (True, False)
    assert alice.post("settings/data/deletion", {"slug": cast.slug}).status_code == 303
    assert "A legal hold is on" in alice.get("settings/data/deletion").text
    with cast.scope():
        with pytest.raises(Conflict, match="legal hold"):
            service.ask_to_depart(cast.users["alice"], cast.slug)
        assert queries.find_running(cast.tenant_id) is None
    hold(cast, is_held=False)
    assert 'name="slug"' in alice.get("settings/data/deletion").text
    asked(cast)


def test_a_hold_that_began_in_the_grace_calls_it_off(cast: Cast, mail: smtp.Server) -> None:
    departure_id = asked(cast)
    hold(cast)
    assert "as long as it is, nothing is deleted" in cast.client("alice").get("settings/data/deletion").text
    clock.shift(WEEK)
    run_directory_jobs()
    departure = found(departure_id)
    assert (departure.closed_at, departure.taken_back_at is not None) == (None, True)
    assert "will be deleted on" not in cast.client("bob").get("").text
    cast.run_jobs()
    assert "legal hold" in mail.mails[-1].get_body(("plain",)).get_content()
    with cast.scope():
        event = next(one for one in list_audit() if one.action == "data.deletion_taken_back")
        assert event.after == {"is_held": True}
    hold(cast, is_held=False)
    clock.shift(2 * WEEK)
    run_directory_jobs()
    assert found(departure_id).closed_at is None, "it has to be asked for anew"


def test_a_hold_that_ended_in_the_grace_calls_nothing_off(cast: Cast) -> None:
    departure_id = asked(cast)
    hold(cast)
    hold(cast, is_held=False)
    clock.shift(WEEK)
    run_directory_jobs()
    assert found(departure_id).closed_at is not None


@pytest.mark.parametrize("more", [(), ("--now",)])
def test_under_a_hold_no_operator_deletes(cast: Cast, more: tuple[str, ...]) -> None:
    hold(cast)
    refused = run_command(delete, cast.slug, "--confirm", cast.slug, *more)
    assert isinstance(refused.exception, Conflict)
    with directory_scope():
        assert queries.find_running(cast.tenant_id) is None


def test_a_hold_that_is_faster_than_a_removal_at_once_wins(cast: Cast) -> None:
    with directory_scope():
        departure_id = service.remove_now(cast.tenant_id)
    hold(cast)
    with directory_scope():
        assert service.delete_tenant(departure_id) is False
    assert found(departure_id).taken_back_at is not None


def test_an_example_is_nobodys_evidence(application: OpenAPI, cast: Cast) -> None:
    made = example_of(cast)
    hold(made)
    assert made.client("alice").post("example/removal").status_code == 303
    run_removals()
    with made.scope():
        assert not any(queries.count_left(made.tenant_id).values())
