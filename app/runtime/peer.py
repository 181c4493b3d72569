"""Who is at the other end: of the socket, where what only the operator's own machine may see or be told is decided, and
of the proxies that the operator has put in between."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_SOCKET = "heed.socket_address"


def init_app(app: Flask, trusted_proxies: int) -> None:
    """Let `app` see the visitors behind so many proxies; with 0 it believes no header."""
    if trusted_proxies:
        # Flask says to hang a middleware in here, and declares the place as a method.
        app.wsgi_app = BehindProxies(app.wsgi_app, trusted_proxies)  # type: ignore[method-assign] # as said above


class BehindProxies:
    """Takes address and scheme from what the outermost of so many proxies has written, counted from the right.

    What stands further left was sent by whoever asks. Commas are all that separates here: a reader that honours
    quotation marks would let a stranger open one that swallows what the proxies have added.
    """

    def __init__(self, inner: WSGIApplication, trusted: int) -> None:
        self._inner, self._trusted = inner, trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the application does."""
        environ[_SOCKET] = environ.get("REMOTE_ADDR")
        address, scheme = self._told(environ, "FOR"), self._told(environ, "PROTO")
        if _is_address(address):
            environ["REMOTE_ADDR"] = address
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        return self._inner(environ, start_response)

    def _told(self, environ: WSGIEnvironment, what: str) -> str:
        told = environ.get(f"HTTP_X_FORWARDED_{what}", "").split(",")
        return told[-self._trusted].strip() if len(told) >= self._trusted else ""


def is_local(request: Request) -> bool:
    """Whether the request came straight from this machine.

    The socket's own address counts, never a header that claims one; a header that tells of a proxy in between makes it
    a request from elsewhere, and so does a host name that is not this machine's (a page that rebinds its name here).
    """
    if any(request.headers.get(name) for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded")):
        return False
    return is_loopback(_socket_address(request)) and is_loopback(_host(request))


def _socket_address(request: Request) -> str:
    return str(request.environ.get(_SOCKET, request.remote_addr) or "")


def _host(request: Request) -> str:
    return urlsplit(f"//{request.environ.get('HTTP_HOST', '')}").hostname or ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Whether this host name or number is this machine, by itself and not by what a name server says."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
