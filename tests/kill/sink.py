"""The outside world of the kill test: an SMTP server that never dies, counts each mail, and answers after a while.

The wait between taking a mail and saying so is the window in which a killed worker does not know what became of it.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import threading
import time
from collections import Counter
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller


class Sink:
    """Counts mails by receiver and keeps each one's respond token."""

    def __init__(self, least: float, most: float) -> None:
        self.mails: Counter[str] = Counter()
        self.tokens: dict[str, str] = {}
        self._held = 0
        self._wait = (least, most)
        self._lock = threading.Lock()
        # The controller knocks on its own port once, so that it has to know it beforehand.
        self._port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        part = message.get_body(("plain",))
        found = re.search(r"/(?:r|join)/([\w=-]+)", part.get_content() if part else "")
        with self._lock:
            for receiver in envelope.rcpt_tos:
                self.mails[receiver] += 1
                if found:
                    self.tokens[receiver] = found.group(1)
        self._held += 1
        try:
            await asyncio.sleep(random.uniform(*self._wait))
        finally:  # cancelled when the client is gone
            self._held -= 1
        return "250 taken"

    def wait_for_a_mail(self, seconds: float = 100) -> None:
        """Return at a moment when a mail is taken and not yet acknowledged, or raise AssertionError.

        Those who were killed may have claimed all there is to send: it is free again when their leases of a minute end.
        """
        end = time.monotonic() + seconds
        while not self._held:
            assert time.monotonic() < end, "no worker hands mails over"
            time.sleep(0.002)

    def __enter__(self) -> Sink:
        self._controller.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        """Where to send."""
        return f"smtp://127.0.0.1:{self._port}"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
