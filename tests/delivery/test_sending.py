"""Messages: handed over once to a real SMTP server, and every way in which that can end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.delivery import queries, service
from app.delivery.channels import email
from app.delivery.events import MessageQueued
from app.delivery.models import Message
from app.delivery.rules import PATIENCE, one_line
from app.kernel import clock, events, outbox
from app.kernel.db import atomic, db
from app.kernel.ids import new_id
from app.kernel.outbox_model import OutboxRow
from tests import hostile, smtp
from tests.cast import Cast
from tests.threads import at_once

UNSUBSCRIBE = f"https://feedback.example.com/u/{'a' * 64}"
HEADERS = {"List-Unsubscribe": f"<{UNSUBSCRIBE}>"}


@pytest.fixture(autouse=True)
def _inside(cast: Cast) -> Iterator[None]:
    with cast.scope():
        yield
    clock.shift(0)


@pytest.fixture
def server(cast: Cast) -> Iterator[smtp.Server]:
    with smtp.serve(cast.app) as running:
        yield running


def queue(**facts: Any) -> Message:
    usual: dict[str, Any] = {
        "purpose": "test",
        "reference_id": new_id(),
        "to_address": "ana@example.com",
        "from_name": "Acme",
        "subject": "Your delivery of 12 January",
        "text": "Hello\n.\n..dots\n",
        "html": "<p>Hello</p>",
        "headers": HEADERS,
    }
    return service.queue_message(**(usual | facts))


def state(message: Message) -> str:
    db.session.expire_all()
    return queries.find_message(message.purpose, message.reference_id).state


def heard() -> list[str]:
    """The events that were published about messages, without the queueing itself."""
    rows = db.session.scalars(select(OutboxRow).order_by(OutboxRow.created_at, OutboxRow.id))
    return [row.event for row in rows if row.event.startswith("Message") and row.event != MessageQueued.__name__]


def test_a_mail_arrives_as_it_was_given(cast: Cast, server: smtp.Server) -> None:
    message = queue()
    cast.run_jobs()
    [mail] = server.mails
    assert server.recipients == ["ana@example.com"]
    assert mail["From"] == "Acme <feedback@heed.localhost>" and mail["To"] == "ana@example.com"
    assert mail["Subject"] == "Your delivery of 12 January"
    assert mail["Message-ID"] == f"<{message.id}@heed.test>"
    assert abs(parsedate_to_datetime(str(mail["Date"])) - clock.now()) < timedelta(minutes=1)
    assert mail["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert f"List-Unsubscribe: <{UNSUBSCRIBE}>\r\n".encode() in server.raw[0]
    assert "Auto-Submitted" not in mail
    assert smtp.part(mail, "plain") == "Hello\n.\n..dots\n" and "<p>Hello</p>" in smtp.part(mail, "html")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert state(message) == "sent" and heard() == ["MessageSent"]


def test_the_date_is_the_kernel_s(cast: Cast, server: smtp.Server) -> None:
    clock.shift(3 * 24 * 3600)
    queue()
    cast.run_jobs()
    assert abs(parsedate_to_datetime(str(server.mails[0]["Date"])) - clock.now()) < timedelta(minutes=1)


def test_the_same_reference_is_sent_once(cast: Cast, server: smtp.Server) -> None:
    reference = new_id()
    first, again = queue(reference_id=reference), queue(reference_id=reference, subject="Another")
    assert first.id == again.id
    cast.run_jobs()
    service.send_message(first.id)
    assert len(server.mails) == server.offered == 1


def test_the_same_message_at_the_same_moment_is_handed_over_once(cast: Cast, server: smtp.Server) -> None:
    message = queue()
    db.session.rollback()
    results = at_once(cast, *[lambda: service.send_message(message.id)] * 4)
    assert server.offered == 1 and results == [None] * 4


@pytest.mark.parametrize("to_address", ["ana@example.com", "用户@example.com"])
def test_hostile_words_stay_whole_and_break_no_header(to_address: str) -> None:
    for line in filter(None, (one_line(text, 120) for text in hostile.strings())):
        outgoing = email.Outgoing(
            new_id(), "h", clock.now(), line, "a@heed.localhost", to_address, line, line, line, HEADERS
        )
        raw = email.compose(outgoing, to_address).as_bytes()
        mail = message_from_bytes(raw, policy=default)
        assert said(mail, "From") == line and str(mail["Subject"]) == line
        assert mail["From"].addresses[0].addr_spec == "a@heed.localhost"
        assert f"To: {to_address}\r\n".encode() in raw
        assert smtp.part(mail, "plain").strip() == line.strip()
        assert f"List-Unsubscribe: <{UNSUBSCRIBE}>\r\n".encode() in raw
        assert set(mail.keys()) == {
            "From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "MIME-Version", "Content-Type"
        }  # fmt: skip


def said(mail: EmailMessage, header: str) -> str:
    """The display name, decoded by the rules: the parser of addresses keeps blanks between encoded words."""
    [(_name, raw)] = [(name, raw) for name, raw in mail.raw_items() if name == header]
    name = str(raw).replace("\r\n", "").rpartition(" <")[0].strip()
    text = str(make_header(decode_header(name)))
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\") if name.startswith('"') else text


@pytest.mark.parametrize("field", ["from_name", "subject", "to_address"])
def test_a_header_cannot_be_injected(field: str) -> None:
    with pytest.raises(ValueError):
        queue(**{field: "ana@example.com\r\nBcc: eve@example.com"})
    with pytest.raises(ValueError):
        queue(headers={"X": "a\nBcc: eve@example.com"})
    assert db.session.scalar(select(Message)) is None


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_refusal_for_good_is_failed_and_not_tried_again(cast: Cast, server: smtp.Server, command: str) -> None:
    server.replies[command] = "550 no such user"
    message = queue()
    cast.run_jobs()
    assert state(message) == "failed" and heard() == ["MessageFailed"] and server.offered == 1
    assert queries.page_of_messages("failed").rows[0].error == "550 no such user"


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_refusal_for_now_is_tried_again_later(cast: Cast, server: smtp.Server, command: str) -> None:
    server.replies[command] = "451 later"
    message = queue()
    drain(cast)
    assert state(message) == "queued" and heard() == []
    assert [job for job, error in outbox.list_failed() if "451 later" in error] == ["send_message"]
    server.replies.clear()
    clock.shift(3600)
    drain(cast)
    assert state(message) == "sent" and len(server.mails) == 1 and outbox.list_failed() == []


def drain(cast: Cast) -> None:
    """Run what is due, whatever becomes of it."""
    db.session.rollback()
    with cast.app.app_context():
        outbox.drain_place(cast.tenant_id, float("inf"))


def test_no_server_is_tried_again_until_patience_ends(cast: Cast) -> None:
    message = queue()
    for hours in (0, 1, 5):
        clock.shift(hours * 3600)
        drain(cast)
        assert state(message) == "queued"
    clock.shift(int(PATIENCE.total_seconds()) + 60)
    drain(cast)
    assert state(message) == "failed" and heard() == ["MessageFailed"]
    assert "refused" in (queries.page_of_messages("failed").rows[0].error or "")


def test_without_an_address_of_a_server_it_says_so(cast: Cast) -> None:
    with smtp.pointed_at(cast.app, None), pytest.raises(service.Postponed, match="SMTP_URL"):
        service.send_message(queue().id)


@pytest.mark.parametrize("reply", ["drop", "take and drop"])
def test_a_connection_that_dies_after_the_content_is_uncertain_for_ever(
    cast: Cast, server: smtp.Server, reply: str
) -> None:
    server.replies["DATA"] = reply
    message_id = (message := queue()).id
    drain(cast)
    assert state(message) == "uncertain" and heard() == ["MessageUncertain"]
    server.replies.clear()
    clock.shift(24 * 3600)
    db.session.rollback()
    cast.run_jobs()
    service.send_message(message_id)
    assert server.offered == 1 and queries.count_by_state(clock.now() - timedelta(days=2)) == {"uncertain": 1}


def test_a_process_that_died_between_claim_and_result_leaves_it_uncertain(cast: Cast, server: smtp.Server) -> None:
    message = queue()
    assert service._claim(message.id, None) is not None
    cast.run_jobs()
    assert state(message) == "uncertain" and heard() == ["MessageUncertain"] and server.offered == 0


def test_a_result_that_comes_after_all_is_believed(cast: Cast) -> None:
    message = queue()
    service._claim(message.id, None)
    service.send_message(message.id)
    assert state(message) == "uncertain"
    service._record(message.id, email.HandOver("sent"), None)
    assert state(message) == "sent" and heard() == ["MessageUncertain", "MessageSent"]


def test_a_server_that_hangs_after_the_content_is_uncertain(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "TIMEOUT_SECONDS", 0.3)
    with talking(b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n") as url:
        assert hand_over(url).fate == "uncertain"
    with talking(b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n") as url:
        assert hand_over(url).fate == "postponed"
    with talking() as url:
        assert hand_over(url).fate == "postponed"


def test_a_server_that_speaks_nonsense_has_not_taken_it(cast: Cast) -> None:
    for reply in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"220 hi\r\n250 hi\r\n250 ok\r\n250 ok\r\n250 what\r\n"):
        with talking(reply) as url:
            assert hand_over(url).fate == "postponed"


def hand_over(url: str) -> Any:
    mail = email.Outgoing(
        new_id(), "heed.test", clock.now(), "Acme", "feedback@heed.localhost", "a@example.com", "s", "t", "<p>h</p>"
    )
    return email.hand_over(url, mail)


@contextmanager
def talking(*replies: bytes) -> Iterator[str]:
    """A server that says these things, one per command, and then nothing more."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def talk() -> None:
        connection, _ = listener.accept()
        with connection:
            for place, reply in enumerate(replies):
                if place:
                    connection.recv(100_000)
                connection.sendall(reply)
            done.wait(2)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        done.set()
        thread.join()
        listener.close()


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_user_and_password_are_read_from_the_url(cast: Cast) -> None:
    with smtp.serve(cast.app, credentials="ana%40example.com:p%3Aass%2Fword@") as server:
        queue()
        cast.run_jobs()
        assert server.logins == [("ana@example.com", "p:ass/word")] and len(server.mails) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_password_goes_to_no_other_machine_without_tls(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(host: Any, *rest: Any, **named: Any) -> Any:
        return known("127.0.0.1" if host == "mail.example" else host, *rest, **named)

    known = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with smtp.serve(cast.app, credentials="ana:secret@") as server:
        with smtp.pointed_at(cast.app, server.url.replace("127.0.0.1", "mail.example")):
            message = queue()
            drain(cast)
        assert server.logins == [] and server.mails == [] and state(message) == "queued"
        assert message.error == (
            "The mail server mail.example offers no TLS (STARTTLS), so the password of SMTP_URL was not sent to it."
        )


def test_an_address_in_other_letters(cast: Cast, server: smtp.Server) -> None:
    queue(to_address="用户@bücher.example")
    queue(to_address="ana@bücher.example")
    cast.run_jobs()
    assert server.recipients == ["用户@xn--bcher-kva.example", "ana@xn--bcher-kva.example"]


def test_a_server_without_such_letters_refuses_for_good(cast: Cast) -> None:
    with talking(b"220 hi\r\n", b"250 hi\r\n") as url:
        mail = email.Outgoing(new_id(), "h", clock.now(), "A", "a@heed.localhost", "用户@example.com", "s", "t", "h")
        assert email.hand_over(url, mail).fate == "failed"


def test_an_impossible_address_is_failed_before_anything_is_offered(cast: Cast, server: smtp.Server) -> None:
    message = queue(to_address="nobody")
    cast.run_jobs()
    assert state(message) == "failed" and server.offered == 0


def test_a_waiting_message_can_be_taken_back(cast: Cast, server: smtp.Server) -> None:
    message = queue()
    assert service.withdraw_message("test", message.reference_id) is True
    assert service.withdraw_message("test", message.reference_id) is False
    cast.run_jobs()
    assert server.offered == 0
    sent = queue()
    cast.run_jobs()
    assert service.withdraw_message("test", sent.reference_id) is False


def test_a_message_outside_its_hours_is_gone_and_says_so(cast: Cast, server: smtp.Server) -> None:
    message = queue(before=clock.now() + timedelta(hours=1))
    clock.shift(3601)
    drain(cast)
    assert queries.find_message("test", message.reference_id) is None
    assert server.offered == 0 and heard() == ["MessageLapsed"]


def test_a_refusal_at_the_end_of_its_hours_lapses_too(cast: Cast) -> None:
    message = queue(before=clock.now() + timedelta(hours=1))
    service._claim(message.id, None)
    clock.shift(3601)
    assert service._record(message.id, email.HandOver("postponed"), clock.now()) == "lapsed"
    assert queries.find_message("test", message.reference_id) is None


def test_a_rolled_back_transaction_sends_nothing(cast: Cast, server: smtp.Server) -> None:
    with pytest.raises(RuntimeError), atomic():
        queue()
        raise RuntimeError
    cast.run_jobs()
    assert server.offered == 0


def test_a_message_of_another_tenant_is_unknown(cast: Cast, others: Cast, server: smtp.Server) -> None:
    message = queue()
    db.session.rollback()
    assert at_once(others, lambda: service.send_message(message.id)) == [None]
    assert at_once(others, lambda: queries.find_message("test", message.reference_id)) == [None]
    assert server.offered == 0


def test_the_job_reads_its_payload() -> None:
    assert events.job_named("send_message")
    assert isinstance(queue().id, UUID)
