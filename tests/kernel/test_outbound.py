"""The way out: where it leads and where not, and that nobody on the other side can hold it up or fill it."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from app.kernel.outbound import client
from app.kernel.outbound.addresses import AddressRefused, check_url, is_public
from app.kernel.outbound.client import Unreachable
from tests import receiver
from tests.receiver import Receiver
from tests.urls import NAMES, NUMBERS, TEXTS

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver.serve() as running:
        yield running


@pytest.mark.parametrize("url", TEXTS)
def test_what_is_refused_as_text_is_refused_when_sending_and_nobody_is_looked_up_or_called(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    def nobody(*_words: object) -> None:
        raise AssertionError("somebody was called")

    monkeypatch.setattr(client, "lookup", nobody)
    monkeypatch.setattr(socket, "create_connection", nobody)
    for act in (check_url, lambda url: client.send("POST", url, {}, b"")):
        with pytest.raises(AddressRefused):
            act(url)


@pytest.mark.parametrize("numbers", NAMES)
def test_a_name_is_refused_for_any_of_its_addresses(monkeypatch: pytest.MonkeyPatch, numbers: list[str]) -> None:
    monkeypatch.setattr(client, "lookup", lambda _host, _port: numbers)
    monkeypatch.setattr(socket, "create_connection", None)
    with pytest.raises(AddressRefused):
        client.send("POST", "https://hooks.example.com/", {}, b"")


@pytest.mark.parametrize("number", NUMBERS)
def test_special_numbers_are_no_public_ones(number: str) -> None:
    assert not is_public(ip_address(number))


@pytest.mark.parametrize("number", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "2001:4860:4860::8888"])
def test_public_numbers_are(number: str) -> None:
    assert is_public(ip_address(number))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://EXAMPLE.com:8443/a/b;c?d=e%20f&g=~h#"[:-1],
        "https://xn--fsqu00a.com/hook",
        "https://8.8.8.8/hook",
        "https://[2606:2800:220:1::1]:443/",
        "https://a_b.example.com:80/",
    ],
)
def test_an_address_of_the_internet_is_taken(url: str) -> None:
    assert check_url(url).url == url


def test_the_operator_s_networks_are_reached_and_no_others(server: Receiver) -> None:
    assert client.send("POST", server.url, {"X-One": "1"}, b"hello", private=LOOPBACK).status == 200
    [got] = server.requests
    assert got.body == b"hello" and got.headers["x-one"] == "1" and got.headers["host"] == f"127.0.0.1:{server.port}"
    assert got.headers["accept-encoding"] == "identity"
    for url in ("http://8.8.8.8/", "https://10.0.0.1/", "http://169.254.169.254/", f"http://[::1]:{server.port}/"):
        with pytest.raises(AddressRefused):
            client.send("POST", url, {}, b"", private=LOOPBACK)


def test_a_name_that_moves_after_it_was_checked_is_not_followed(
    monkeypatch: pytest.MonkeyPatch, server: Receiver
) -> None:
    """What is connected to is what was checked: the name is asked for once, and never by the library below."""
    asked = []

    def moving(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    reached = []

    def connect(address: tuple[str, int], _timeout: float) -> socket.socket:
        reached.append(address)
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(client, "lookup", moving)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Unreachable):
        client.send("POST", "https://rebinding.example.com/", {}, b"")
    assert asked == ["rebinding.example.com"] and reached == [("93.184.216.34", 443)]
    with pytest.raises(AddressRefused):
        client.send("POST", "https://rebinding.example.com/", {}, b"")
    assert server.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_led_elsewhere(server: Receiver, status: int) -> None:
    with receiver.serve() as canary:
        server.status, server.headers = status, {"Location": canary.url}
        assert client.send("POST", server.url, {}, b"", private=LOOPBACK).status == status
        assert canary.connections == 0


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch, server: Receiver) -> None:
    with receiver.serve() as proxy:
        for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert client.send("POST", server.url, {}, b"", private=LOOPBACK).status == 200
        assert proxy.connections == 0


def test_ten_gigabytes_are_not_read(server: Receiver) -> None:
    server.body, server.repeats = b"x" * 1024 * 1024, 10 * 1024
    answer = client.send("POST", server.url, {}, b"", private=LOOPBACK)
    assert answer.status == 200 and len(answer.body) == client.MOST_BYTES


def test_a_bomb_stays_packed(server: Receiver) -> None:
    server.body, server.headers = gzip.compress(b"0" * 50_000_000), {"Content-Encoding": "gzip"}
    answer = client.send("POST", server.url, {}, b"", private=LOOPBACK)
    assert answer.body == server.body[: client.MOST_BYTES]


@pytest.mark.parametrize("way", ["hangs_seconds", "drip_seconds"])
def test_who_hangs_or_drips_is_left(monkeypatch: pytest.MonkeyPatch, server: Receiver, way: str) -> None:
    monkeypatch.setattr(client, "MOST_SECONDS", 0.8)
    setattr(server, way, 30.0 if way == "hangs_seconds" else 0.1)
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="in time"):
        client.send("POST", server.url, {}, b"", private=LOOPBACK)
    assert time.monotonic() - begun < 10


def test_who_never_reads_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(Unreachable):
            client.send("POST", url, {}, b"x" * 20_000_000, private=LOOPBACK)


@pytest.mark.parametrize("words", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nA" + b"x" * 1_000_000])
def test_what_is_no_http_is_no_answer(words: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            connection, _address = server.accept()
            with connection:
                connection.sendall(words)

        threading.Thread(target=speak, daemon=True).start()
        with pytest.raises(Unreachable):
            client.send("POST", f"http://127.0.0.1:{server.getsockname()[1]}/", {}, b"", private=LOOPBACK)


def test_a_resolver_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(client, "lookup", lambda _host, _port: time.sleep(3) or ["8.8.8.8"])
    with pytest.raises(AddressRefused, match="no address"):
        client.send("POST", "https://slow.example.com/", {}, b"")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for hooks.example.com that is its own authority."""
    folder: Path = tmp_path_factory.mktemp("certificate")
    made = (str(folder / "cert.pem"), str(folder / "key.pem"))
    words = ["-subj", "/CN=hooks", "-addext", "subjectAltName=DNS:hooks.example.com", "-days", "3650", "-nodes"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-keyout", made[1], "-out", made[0], *words]
    subprocess.run(command, check=True, capture_output=True)
    return made


def test_the_certificate_is_the_name_s(monkeypatch: pytest.MonkeyPatch, certificate: tuple[str, str]) -> None:
    """The connection goes to a number, and its certificate must still be of the name."""
    monkeypatch.setattr(client, "lookup", lambda _host, _port: ["127.0.0.1"])
    with receiver.serve(certificate) as server:
        own = ssl.create_default_context(cafile=certificate[0])
        url = f"https://hooks.example.com:{server.port}/hook"
        with pytest.raises(Unreachable, match="certificate"):
            client.send("POST", url, {}, b"", private=LOOPBACK)
        monkeypatch.setattr(client, "_trusted", lambda: own)
        assert client.send("POST", url, {}, b"", private=LOOPBACK).status == 200
        assert server.requests[0].headers["host"] == f"hooks.example.com:{server.port}"
        with pytest.raises(Unreachable, match="certificate"):
            client.send("POST", url.replace("hooks", "others"), {}, b"", private=LOOPBACK)
        assert len(server.requests) == 1
