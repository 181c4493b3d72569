"""A real SMTP server for tests: it keeps what it takes, and misbehaves as it is told."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from flask import Flask


@dataclass
class Server:
    """What the server has taken, and how it answers: a reply per command, `drop` to close the connection instead."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    logins: list[tuple[str, str]] = field(default_factory=list)
    offered: int = 0
    """How many mails were offered, taken or not."""

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self.offered += 1
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        reply = self.replies.get("RCPT", "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        reply = self.replies.get("DATA", "250 OK")
        if reply in ("drop", "take and drop"):
            if reply == "take and drop":
                self._keep(envelope)
            server.transport.abort()
            return "451 never read"
        if reply.startswith("250"):
            self._keep(envelope)
        return reply

    def _keep(self, envelope: Any) -> None:
        self.raw.append(envelope.content)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.recipients.extend(envelope.rcpt_tos)

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=True)


@contextmanager
def serve(app: Flask, *, credentials: str = "", **options: Any) -> Iterator[Server]:
    """Run a server and let `app` send its mail there; `credentials` are "user:password@" as they stand in the URL."""
    server = Server()
    if credentials:
        options |= {"authenticator": server.authenticate, "auth_require_tls": False, "auth_required": True}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True, **options)
    controller.start()
    try:
        server.url = f"smtp://{credentials}127.0.0.1:{port}"
        with pointed_at(app, server.url):
            yield server
    finally:
        controller.stop()


@contextmanager
def pointed_at(app: Flask, smtp_url: str | None) -> Iterator[None]:
    """Let `app` send its mail to this address."""
    before = app.extensions["heed_settings"]
    app.extensions["heed_settings"] = before.model_copy(update={"smtp_url": smtp_url})
    try:
        yield
    finally:
        app.extensions["heed_settings"] = before


def part(mail: EmailMessage, kind: str) -> str:
    """The plain or html part of a mail."""
    body = mail.get_body(preferencelist=(kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
