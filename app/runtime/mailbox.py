"""The development mailbox: an SMTP server that keeps every mail as a file under HEED_HOME, and reading them back.

It runs in a process of its own, on loopback only, and only beside embedded services without SMTP_URL.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage, MIMEPart
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.kernel.ids import new_id

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

    from app.config import Settings

KEEP = 1000
HOST = "127.0.0.1"
NAME = re.compile(r"[0-9TZ]{16}-[0-9a-f-]{36}\.eml")


def is_ours(settings: Settings) -> bool:
    """Whether mail goes to this mailbox, and is read at /dev/mail, instead of leaving the machine."""
    return settings.embedded and (settings.smtp_url or "").startswith(f"smtp://{HOST}:")


class Keeper:
    """Takes mail from the SMTP server and writes it to the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep one mail; answered only when the file is complete."""
        content = envelope.content or b""
        keep(self.folder, content.encode() if isinstance(content, str) else content, envelope.rcpt_tos)
        return "250 Kept"


def keep(folder: Path, content: bytes, recipients: Sequence[str]) -> str:
    """Write one mail whole or not at all, remove the oldest beyond KEEP, and return the file's name."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{new_id()}.eml"
    draft = folder / f".{name}"
    draft.write_bytes(f"X-Envelope-To: {', '.join(recipients)}\r\n".encode() + content)
    draft.replace(folder / name)
    for old in names(folder)[KEEP:]:
        (folder / old).unlink(missing_ok=True)
    return name


def names(folder: Path) -> list[str]:
    """The kept mails, newest first."""
    try:
        found = [entry.name for entry in folder.iterdir() if NAME.fullmatch(entry.name)]
    except FileNotFoundError:
        return []
    return sorted(found, reverse=True)


@dataclass(frozen=True)
class Mail:
    """One kept mail, parsed."""

    name: str
    message: EmailMessage

    def header(self, name: str) -> str:
        """One header, decoded; an empty string when the mail has none."""
        return str(self.message[name] or "")

    @property
    def sent_at(self) -> datetime | None:
        """When it says that it was written."""
        found = self.message["Date"]
        return found.datetime if found else None

    @property
    def text(self) -> str:
        """The plain part, or an empty string."""
        return _content(self.message.get_body(preferencelist=("plain",)))

    @property
    def html(self) -> str:
        """The HTML part, or an empty string."""
        return _content(self.message.get_body(preferencelist=("html",)))

    @property
    def links(self) -> list[str]:
        """Every address in either part, in order, each once."""
        found = re.findall(r"https?://[^\s<>\"')\]]+", f"{self.text}\n{self.html.replace('&amp;', '&')}")
        return list(dict.fromkeys(found))


def find(folder: Path, name: str) -> Mail | None:
    """One kept mail by its file name, or None."""
    if not NAME.fullmatch(name):
        return None
    try:
        content = (folder / name).read_bytes()
    except FileNotFoundError:
        return None
    return Mail(name, email.message_from_bytes(content, policy=email.policy.default))


def _content(part: MIMEPart | None) -> str:
    return "" if part is None else str(part.get_content())


def serve(folder: Path, url: str) -> None:
    """Run the SMTP server at `url` (smtp://127.0.0.1:PORT) until SIGTERM."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    asyncio.run(_serve(folder, url))


async def _serve(folder: Path, url: str) -> None:
    from aiosmtpd.smtp import SMTP

    address, keeper = urlsplit(url), Keeper(folder)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="heed.localhost", enable_SMTPUTF8=True, loop=loop),
        host=address.hostname,
        port=address.port or 25,
    )
    async with server:
        await stop.wait()
