"""Letters to people who work here: written when they go out, the same mail when they go out twice, never kept."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.delivery import letters
from app.kernel import outbox
from app.kernel.db import atomic, db
from app.kernel.events import publish
from app.kernel.outbox_model import DirectoryOutboxRow
from app.kernel.scope import directory_scope
from app.tenants.events import LetterWanted, TenantLetterWanted
from app.web.letters import Letter
from tests import smtp
from tests.cast import Cast
from tests.smtp import Server

SUBJECT, HOSTILE = UUID(int=7), "<b>Li & sons</b>\r\nBcc: all@example.com"


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    with directory_scope(), atomic() as session:
        session.execute(delete(DirectoryOutboxRow))
    with smtp.serve(app) as running:
        yield running


@pytest.fixture(autouse=True)
def writers(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(subject_id: UUID) -> Letter | None:
        if subject_id != SUBJECT:
            return None
        button = ("Set a password", "https://heed.example/account/x")
        return Letter(
            "li@example.com", "zh_Hans", HOSTILE, ("One & two.", "Three."), button, ("For 60 minutes.",), HOSTILE
        )

    monkeypatch.setattr(letters, "_writers", {"test": write})


def _ask(subject_id: UUID = SUBJECT) -> None:
    with directory_scope(), atomic():
        publish(LetterWanted("test", subject_id))


def _run() -> None:
    outbox.drain_place(None, float("inf"))


def _rows() -> list[DirectoryOutboxRow]:
    with directory_scope():
        return list(db.session.scalars(select(DirectoryOutboxRow)))


def test_it_says_what_it_is_to_say_in_both_bodies(server: Server) -> None:
    _ask()
    _run()
    (mail,) = server.mails
    text, html = (mail.get_body((kind,)).get_content().replace("\r", "") for kind in ("plain", "html"))
    assert text == "One & two.\n\nThree.\n\nSet a password:\nhttps://heed.example/account/x\n\nFor 60 minutes.\n"
    assert '<html lang="zh-Hans"' in html and "One &amp; two." in html and "https://heed.example/account/x" in html
    assert (mail["To"], mail["Bcc"]) == ("li@example.com", None)


def test_hostile_names_stay_on_their_line_and_are_no_markup(server: Server) -> None:
    _ask()
    _run()
    (mail,) = server.mails
    assert mail["Subject"] == "<b>Li & sons</b> Bcc: all@example.com"
    assert "<b>" not in mail.get_body(("html",)).get_content()


def test_a_letter_that_nobody_needs_is_not_sent(server: Server) -> None:
    _ask(uuid4())
    _run()
    assert server.offered == 0
    assert [row.done_at is not None for row in _rows()] == [True]


@pytest.mark.parametrize("reply", ["451 later", "drop", "take and drop"])
def test_one_that_was_perhaps_not_taken_comes_again_as_the_same_mail(server: Server, reply: str) -> None:
    server.replies["DATA"] = reply
    _ask()
    _run()
    (row,) = _rows()
    assert row.done_at is None and row.last_error.startswith("NotTaken")
    server.replies.clear()
    letters.send_letter("test", SUBJECT, UUID(row.payload["letter_id"]))
    assert {mail["Message-ID"] for mail in server.mails} == {f"<{row.payload['letter_id']}@heed.test>"}


def test_a_refused_one_is_not_offered_again(server: Server) -> None:
    server.replies["RCPT"] = "550 nobody"
    _ask()
    _run()
    assert server.offered == 1
    assert [row.done_at is not None for row in _rows()] == [True]


def test_nothing_of_it_is_kept(server: Server) -> None:
    _ask()
    _run()
    (row,) = _rows()
    assert set(row.payload) == {"kind", "subject_id", "letter_id"}


def test_a_tenants_letter_goes_with_its_other_work(cast: Cast, server: Server) -> None:
    with cast.scope(), atomic():
        publish(TenantLetterWanted("test", SUBJECT))
    cast.run_jobs()
    assert server.recipients == ["li@example.com"]
