"""Who is at the other end of the socket: what only the operator's own machine may see, or be told, is decided here."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import Request


def is_local(request: Request) -> bool:
    """Whether the request came straight from this machine.

    The socket's own address counts, never a header that claims one; a header that tells of a proxy in between makes it
    a request from elsewhere, and so does a host name that is not this machine's (a page that rebinds its name here).
    """
    if any(request.headers.get(name) for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded")):
        return False
    return is_loopback(_socket_address(request)) and is_loopback(_host(request))


def _socket_address(request: Request) -> str:
    before_proxies = request.environ.get("werkzeug.proxy_fix.orig") or request.environ
    return str(before_proxies.get("REMOTE_ADDR") or "")


def _host(request: Request) -> str:
    return urlsplit(f"//{request.environ.get('HTTP_HOST', '')}").hostname or ""


def is_loopback(name: str) -> bool:
    """Whether this host name or number is this machine, by itself and not by what a name server says."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
