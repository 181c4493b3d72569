"""A real HTTP server for tests: it keeps what it is sent, and answers, hangs, drips or leads away as it is told."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class Receiver:
    """What came in, and how it is answered. `answer` may be replaced by one that takes the request and decides."""

    port: int = 0
    scheme: str = "http"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"thank you"
    hangs_seconds: float = 0.0
    drip_seconds: float = 0.0
    repeats: int = 1
    decide: Callable[[Received], int] | None = None
    connections: int = 0
    requests: list[Received] = field(default_factory=list)
    free: threading.Event = field(default_factory=threading.Event)
    """Set at the end, so that what hangs lets go."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.port}/hook"


@contextmanager
def serve(certificate: tuple[str, str] | None = None) -> Iterator[Receiver]:
    """A running receiver on loopback, in TLS when it is given the files of a certificate and its key."""
    receiver = Receiver()
    server = _Server(("127.0.0.1", 0), _handler(receiver))
    receiver.port = server.server_address[1]
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        receiver.scheme = "https"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.free.set()
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up is what many of these tests are about."""


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            receiver.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            received = Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body, time.monotonic())
            receiver.requests.append(received)
            if receiver.hangs_seconds:
                receiver.free.wait(receiver.hangs_seconds)
            status = receiver.decide(received) if receiver.decide else receiver.status
            self._answer(status)

        def _answer(self, status: int) -> None:
            head = {"Content-Length": str(len(receiver.body) * receiver.repeats), **receiver.headers}
            lines = [f"HTTP/1.1 {status} So", *(f"{name}: {value}" for name, value in head.items()), "", ""]
            start = "\r\n".join(lines).encode()
            if receiver.drip_seconds:
                for byte in start + receiver.body:
                    self.wfile.write(bytes([byte]))
                    if receiver.free.wait(receiver.drip_seconds):
                        return
                return
            self.wfile.write(start)
            for _turn in range(receiver.repeats):
                self.wfile.write(receiver.body)

        def log_message(self, format: str, *args: object) -> None:
            """Tests read what came in, not the log."""

    return Handler
