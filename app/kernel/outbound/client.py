"""The way out: one request to a checked address, on a connection to one of the numbers that were checked.

No redirects, no proxy from the environment, no unpacking, an end to every wait. The library below speaks HTTP; what it
connects to is decided here, once, so that a name that changes its address in between changes nothing.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from typing import Any

import httpcore
import httpx

from app.kernel.outbound.addresses import Address, Networks, Target, check_addresses, check_url

CONNECT_SECONDS = 3.0
MOST_SECONDS = 10.0
MOST_BYTES = 64 * 1024
AGENT = "Heed"


class Unreachable(Exception):
    """There was no answer: no connection, a broken one, not HTTP, or not within the time."""


@dataclass(frozen=True)
class Answer:
    """What the other side said. `body` are the first 64 kB as they came: whoever packed them keeps them packed."""

    status: int
    headers: Mapping[str, str]
    """Names in small letters; of a name that came twice the last."""
    body: bytes


def resolve(target: Target, private: Networks = (), seconds: float = CONNECT_SECONDS) -> list[Address]:
    """The addresses of a target, all of them acceptable. Raises AddressRefused, also for a name without any in time."""
    found = [target.literal] if target.literal is not None else _lookup_in_time(target, seconds)
    check_addresses(target, found, private)
    return found


def send(
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: bytes,
    *,
    private: Networks = (),
    limit: int = MOST_BYTES,
    seconds: float | None = None,
) -> Answer:
    """Send one request and read the answer's first `limit` bytes, within so many seconds in all, or else within ten.

    Raises AddressRefused for an address that we do not go to, and Unreachable when there is no answer.
    """
    seconds = MOST_SECONDS if seconds is None else seconds
    deadline = _Deadline(time.monotonic() + seconds)
    target = check_url(url, private)
    network = _Network(resolve(target, private, min(seconds, CONNECT_SECONDS)), target.port, deadline)
    names = {"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close", **headers}
    with httpcore.ConnectionPool(ssl_context=_trusted(), network_backend=network, retries=0) as pool:
        try:
            with pool.stream(method, url, headers=list(names.items()), content=content) as response:
                body = _first(response.iter_stream(), limit)
                told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                return Answer(response.status, told, body)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            raise Unreachable(_words(error)) from error


def lookup(host: str, port: int) -> list[str]:
    """The numbers that a name stands for, as the system's resolver says. Raises OSError when it knows none."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _lookup_in_time(target: Target, seconds: float) -> list[Address]:
    """The resolver has no end of its own: it is waited for so long and then left alone."""
    found: list[Address] = []

    def look() -> None:
        try:
            found.extend(ip_address(text) for text in lookup(target.host, target.port))
        except (OSError, ValueError):
            found.clear()

    looking = threading.Thread(target=look, name="lookup", daemon=True)
    looking.start()
    looking.join(seconds)
    return [] if looking.is_alive() else found


def _first(parts: Iterable[bytes], limit: int) -> bytes:
    body = b""
    for part in parts:
        body += part
        if len(body) >= limit:
            break
    return body[:limit]


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return "No answer in time."
    return str(error)[:300] or type(error).__name__


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()


@dataclass
class _Deadline:
    end: float

    def left(self, most: float = MOST_SECONDS) -> float:
        """Seconds that the next step may take. Raises TimeoutError when there are none."""
        left = min(most, self.end - time.monotonic())
        if left <= 0:
            raise TimeoutError
        return left


@dataclass
class _Network(httpcore.NetworkBackend):
    """Connects to the checked numbers, whatever it is told."""

    addresses: list[Address]
    port: int
    deadline: _Deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first of the numbers that takes one, within three seconds for all of them."""
        end = _Deadline(min(self.deadline.end, time.monotonic() + CONNECT_SECONDS))
        failure: OSError = TimeoutError()
        for address in self.addresses:
            try:
                return _Stream(socket.create_connection((str(address), self.port), end.left()), self.deadline)
            except OSError as error:
                failure = error
        raise failure


@dataclass
class _Stream(httpcore.NetworkStream):
    """A connection on which every step ends by the one deadline, also when the other side drips."""

    connection: socket.socket
    deadline: _Deadline
    extra: dict[str, Any] = field(default_factory=dict)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What is there, at most so many bytes."""
        self.connection.settimeout(self.deadline.left())
        return self.connection.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of it."""
        while buffer:
            self.connection.settimeout(self.deadline.left())
            buffer = buffer[self.connection.send(buffer) :]

    def close(self) -> None:
        """End it."""
        self.connection.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection in TLS, with a certificate for the name (a handshake ends as a whole by its timeout)."""
        self.connection.settimeout(self.deadline.left())
        return _Stream(ssl_context.wrap_socket(self.connection, server_hostname=server_hostname), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        """Nothing: only HTTP/1.1 is spoken."""
        return None
