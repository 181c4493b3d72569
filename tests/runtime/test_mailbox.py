"""The development mailbox: what SMTP accepted is a whole file, and what is read back is what was sent."""

from __future__ import annotations

import smtplib
import socket
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.runtime import mailbox
from tests.runtime.conftest import Processes, wait_until


def a_mail(subject: str = "您对收货满意吗？") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Heed <feedback@heed.localhost>"
    message["To"] = "王芳 <fang@example.com>"
    message["Subject"] = subject
    message.set_content("Answer here: http://127.0.0.1:8000/r/abcdef?score=9\n")
    message.add_alternative(
        '<p><a href="http://127.0.0.1:8000/r/abcdef?score=9&amp;lang=zh">9</a></p><script>alert(1)</script>', "html"
    )
    return message


def test_a_mail_sent_by_smtp_is_kept_as_it_was(processes: Processes, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path / "mail"
    code = f"""
from pathlib import Path
from app.runtime import mailbox
mailbox.serve(Path({str(folder)!r}), "smtp://127.0.0.1:{port}")
"""
    server = processes.python(code, tmp_path)
    wait_until(lambda: _listens(port), why=processes.said)
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.send_message(a_mail())
        assert len(mailbox.names(folder)) == 1, "accepted means kept"
    assert folder.stat().st_mode & 0o777 == 0o700
    kept = mailbox.find(folder, mailbox.names(folder)[0])
    assert kept is not None
    assert kept.header("Subject") == "您对收货满意吗？"
    assert kept.header("X-Envelope-To") == "fang@example.com"
    assert kept.text.startswith("Answer here")
    assert kept.links == [
        "http://127.0.0.1:8000/r/abcdef?score=9",
        "http://127.0.0.1:8000/r/abcdef?score=9&lang=zh",
    ]
    server.terminate()
    assert server.wait(10) == 0


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_newest_mail_comes_first_and_the_oldest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "KEEP", 3)
    kept = [mailbox.keep(tmp_path, a_mail(f"number {number}").as_bytes(), ["a@b.c"]) for number in range(5)]
    assert mailbox.names(tmp_path) == kept[:1:-1]


def test_only_names_that_the_mailbox_gave_are_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    folder = tmp_path / "mail"
    folder.mkdir()
    assert mailbox.find(folder, "../secret") is None
    assert mailbox.find(folder, "20260101T000000Z-00000000-0000-0000-0000-000000000000.eml") is None


def test_a_mail_half_written_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / ".20260101T000000Z-00000000-0000-0000-0000-000000000000.eml").write_bytes(b"half")
    assert mailbox.names(tmp_path) == []
    assert mailbox.names(tmp_path / "absent") == []
