"""From where somebody comes: their address, and their browser in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from app.tenants.accounts.rules import browser_name


@dataclass(frozen=True)
class Client:
    """The far end of a request."""

    address: str | None
    browser: str


def client() -> Client:
    """Who is asking now."""
    return Client(request.remote_addr, browser_name(request.user_agent.string[:400]))
