"""What an operator does about tenants that go: the command ends, can be given again, and the proof is in reach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.custody import commands
from app.custody.departing import queries, service
from app.kernel import clock
from app.kernel.errors import Conflict, NotFound
from app.kernel.scope import directory_scope
from tests import smtp
from tests.cast import Cast
from tests.custody.leaving import WEEK, asked, found, run_removals
from tests.custody.operating import run_command

pytestmark = pytest.mark.usefixtures("waiting_is_quick")


@pytest.fixture(autouse=True)
def clock_is_put_back() -> Iterator[None]:
    yield
    clock.shift(0)


def test_an_operator_can_have_the_proof_later(cast: Cast) -> None:
    asked_for = run_command(commands.delete, cast.slug, "--confirm", cast.slug)
    departure_id = asked_for.stdout.split()[-1]
    assert isinstance(run_command(commands.show, departure_id).exception, Conflict)
    clock.shift(WEEK)
    run_removals()
    shown = run_command(commands.show, departure_id)
    assert json.loads(shown.stdout) == found_proof(departure_id)
    assert isinstance(run_command(commands.show, str(cast.tenant_id)).exception, NotFound)


def found_proof(departure_id: str) -> object:
    return found(UUID(departure_id)).proof


def test_at_once_says_what_it_waits_for(cast: Cast) -> None:
    done = run_command(commands.delete, cast.slug, "--confirm", cast.slug, "--now")
    assert "Waiting until" in done.stderr
    assert service.is_genuine(json.loads(done.stdout))


def test_broken_off_the_command_can_be_given_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(commands, "sleep", interrupt)
        broken = run_command(commands.delete, cast.slug, "--confirm", cast.slug, "--now")
        assert broken.exception is not None
    again = run_command(commands.delete, cast.slug, "--confirm", cast.slug, "--now")
    assert service.is_genuine(json.loads(again.stdout))
    once_more = run_command(commands.delete, cast.slug, "--confirm", cast.slug, "--now")
    assert once_more.stdout == again.stdout
    assert isinstance(run_command(commands.delete, cast.slug, "--confirm", cast.slug).exception, NotFound)


def test_what_goes_at_once_is_not_taken_back(cast: Cast) -> None:
    asked(cast)
    with directory_scope():
        departure_id = service.remove_now(cast.tenant_id)
    kept = cast.client("alice").post("settings/data/deletion/withdrawal")
    assert kept.status_code == 303
    assert "It is kept" not in cast.client("alice").get("settings/data/deletion").text
    assert found(departure_id).taken_back_at is None
    run_removals()
    assert found(departure_id).ended_at is not None


def test_the_command_ends_when_a_hold_is_faster(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    real, tries = service.delete_tenant, [0]

    def held(departure_id: UUID) -> Any:
        tries[0] += 1
        assert tries[0] < 50, "it would go on for ever"
        with monkeypatch.context() as patch:
            patch.setattr(queries, "is_held", lambda: True)
            return real(departure_id)

    monkeypatch.setattr(service, "delete_tenant", held)
    ended = run_command(commands.delete, cast.slug, "--confirm", cast.slug, "--now")
    assert isinstance(ended.exception, Conflict)


def test_the_letter_says_who_has_asked(cast: Cast, others: Cast, mail: smtp.Server) -> None:
    asked(cast)
    cast.run_jobs()
    assert "alice asked Heed to delete" in mail.mails[-1].get_body(("plain",)).get_content()
    run_command(commands.delete, others.slug, "--confirm", others.slug)
    others.run_jobs()
    assert "Whoever runs Heed for you" in mail.mails[-1].get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    "text", ['{"a": "\\ud800", "signature": {}}', '{"signature": {"ed25519": "\\ud800"}}', "[]", "1", "{}", "no JSON"]
)
def test_whatever_is_no_proof_is_told_in_a_sentence(app: object, tmp_path: Path, text: str) -> None:
    file = tmp_path / "proof.json"
    file.write_text(text)
    told = run_command(commands.verify, str(file))
    assert told.return_value == 1 or "FILE is no JSON" in str(told.exception)
