"""Email by SMTP: one connection, one mail, and an honest word about how it ended.

What matters is the line between "certainly not taken" and "nobody knows": it runs where the server has asked for the
content (354) and we have begun to send it.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy, Policy
from email.utils import format_datetime, formataddr
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

from app.delivery.rules import LONGEST_ERROR, HandOver, envelope_address, is_one_line, judge_reply
from app.runtime.peer import is_loopback

TIMEOUT_SECONDS = 10
_GO_AHEAD = 354


@dataclass(frozen=True)
class Outgoing:
    """One mail as it goes out. `host` is the name of this installation, for the Message-ID and the greeting."""

    id: UUID
    host: str
    date: datetime
    from_name: str
    from_address: str
    to_address: str
    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)


class _NoTls(Exception):
    """The server would have been told a password that everybody on the way could read."""


def greeting_name(host: str | None) -> str:
    """This host as it can stand in a Message-ID, which an IPv6 address cannot as it is."""
    return host if host and ":" not in host else "localhost"


def hand_over(smtp_url: str | None, mail: Outgoing) -> HandOver:
    """Give one mail to the server at `smtp_url` (smtp:// or smtps://, with user and password if need be)."""
    if smtp_url is None:
        return HandOver("postponed", "SMTP_URL is not set.")
    try:
        recipient = envelope_address(mail.to_address)
        delivery = _Delivery(recipient, mail.from_address, compose(mail, recipient).as_bytes())
    except (ValueError, HeaderParseError) as error:
        return HandOver("failed", str(error)[:LONGEST_ERROR])
    try:
        with _connection(urlsplit(smtp_url), mail.host) as server:
            return delivery.run(server)
    except Exception as error:
        # Whatever broke, all that counts is on which side of the line it happened.
        return HandOver("uncertain" if delivery.is_content_sent else "postponed", _words(error))


def compose(mail: Outgoing, recipient: str) -> EmailMessage:
    """The mail as MIME: text first, HTML as its alternative. Raises ValueError for what cannot stand in a header."""
    message = EmailMessage(policy=_policy(recipient))
    message["From"] = _sender(mail.from_name, mail.from_address)
    message["To"] = Address("", *recipient.rsplit("@", 1))
    message["Subject"] = _encoded("Subject", mail.subject)
    message["Date"] = format_datetime(mail.date)
    message["Message-ID"] = f"<{mail.id}@{mail.host}>"
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


class _AsItStands(BaseHeader):
    """A header that we have encoded ourselves: the library's folding would encode a long address, which no mail program
    reads, and swallow blanks between words in other letters."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["parse_tree"], kwds["decoded"] = UnstructuredHeader.value_parser(value), value

    def fold(self, *, policy: Policy) -> str:
        folded = str(self).replace("?= =?", f"?={policy.linesep} =?")
        return f"{self.name}: {folded}{policy.linesep}"


_OURS = ("from", "subject", "message-id", "list-unsubscribe", "list-unsubscribe-post")


def _policy(recipient: str) -> EmailPolicy[EmailMessage]:
    registry = HeaderRegistry()
    for name in _OURS:
        registry.map_to_type(name, _AsItStands)
    if recipient.isascii():
        return SMTP.clone(cte_type="7bit", header_factory=registry)
    return SMTPUTF8.clone(header_factory=registry)


def _sender(name: str, address: str) -> str:
    if not is_one_line(address) or "@" not in address:
        raise ValueError("The sender's address cannot be one.")
    return formataddr((name, address)) if name.isascii() else f"{_encoded('From', name)} <{address}>"


def _encoded(header: str, text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8", header_name=header).encode(linesep="", splitchars="")


@dataclass
class _Delivery:
    """One mail on its way; `is_content_sent` tells, after an exception, on which side of the line it happened."""

    recipient: str
    sender: str
    content: bytes
    is_content_sent: bool = False

    def run(self, server: smtplib.SMTP) -> HandOver:
        options = () if self.recipient.isascii() else ("SMTPUTF8", "BODY=8BITMIME")
        if options and not server.has_extn("smtputf8"):
            return HandOver("failed", "The server cannot write to an address with such letters.")
        code, answer = server.mail(self.sender, options)
        if 200 <= code < 300:
            code, answer = server.rcpt(self.recipient)
        if 200 <= code < 300:
            code, answer = server.docmd("DATA")
        return self._send_content(server) if code == _GO_AHEAD else _refusal(code, answer)

    def _send_content(self, server: smtplib.SMTP) -> HandOver:
        self.is_content_sent = True
        server.send(_dot_stuffed(self.content) + b".\r\n")
        code, answer = server.getreply()
        return judge_reply(code, _text(answer))


def _refusal(code: int, answer: bytes | str) -> HandOver:
    # An acceptance before the content was sent is against the protocol; it counts as a refusal for now.
    return judge_reply(code if code >= 400 else 451, _text(answer))


def _dot_stuffed(content: bytes) -> bytes:
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended)


@contextmanager
def _connection(url: SplitResult, greeting: str) -> Iterator[smtplib.SMTP]:
    """A connection that has greeted, gone over to TLS when that is offered, and signed in when there is a user."""
    server = _open(url, greeting)
    try:
        server.ehlo_or_helo_if_needed()
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
        if url.username:
            _refuse_in_clear(server, url.hostname or "localhost")
            server.login(unquote(url.username), unquote(url.password or ""))
        yield server
    finally:
        # How the mail ended is known by now; a server that says goodbye badly changes nothing about it.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


def _refuse_in_clear(server: smtplib.SMTP, host: str) -> None:
    """Let no password leave this machine without TLS: whoever stands between could have struck out the offer."""
    if not isinstance(server.sock, ssl.SSLSocket) and not is_loopback(host):
        raise _NoTls(
            f"The mail server {host} offers no TLS (STARTTLS), so the password of SMTP_URL was not sent to it."
        )


def _open(url: SplitResult, greeting: str) -> smtplib.SMTP:
    host = url.hostname or "localhost"
    if url.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, url.port or 465, greeting, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(host, url.port or (587 if url.username else 25), greeting, timeout=TIMEOUT_SECONDS)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"[:LONGEST_ERROR]
    return (str(error) if isinstance(error, _NoTls) else f"{type(error).__name__}: {error}")[:LONGEST_ERROR]


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
