"""Which addresses of other systems we go to: https on the ports of the web, at addresses of the public internet.

Everything here looks at text and numbers only; client.py asks what a name stands for and lets nothing else through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]
Reason = Literal["unreadable", "insecure", "port", "private", "unknown"]

LONGEST_URL = 2000
PORTS = frozenset({443, 80, 8443, 8080})
"""The ports of web servers. Any other would let somebody knock at mail servers and databases with our hand."""


class AddressRefused(ValueError):
    """We do not go there; `reason` says why in one word, the text in a sentence."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason = reason


_SENTENCES: dict[Reason, str] = {
    "unreadable": "Write an address such as https://example.com/heed: ASCII, at most 2000 characters, without user "
    "name, fragment, backslash, spaces or control characters.",
    "insecure": "Only https:// addresses are taken.",
    "port": "Only the ports 443, 80, 8443 and 8080 are taken.",
    "private": "This address does not belong to the public internet.",
    "unknown": "This name has no address.",
}


@dataclass(frozen=True)
class Target:
    """An address that may be gone to as far as its text says."""

    url: str
    host: str
    port: int
    literal: Address | None
    is_private_only: bool
    """Plain http, another port or a bare name: acceptable on a network that the operator has named, nowhere else."""


_PLAIN = re.compile(r"[!$&-;=?-Z_a-z~%\[\]]+", re.ASCII)
_CONTROL = re.compile(r"%(?:[01][0-9a-f]|7f)", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)
_SPECIAL = ("localhost", "local", "internal", "home.arpa", "onion", "invalid", "test", "example")


def check_url(url: str, private: Networks = ()) -> Target:
    """What this text says, if we may go there. `private` are the networks that the operator has named.

    Raises AddressRefused.
    """
    if len(url) > LONGEST_URL or not _PLAIN.fullmatch(url) or _CONTROL.search(url):
        raise AddressRefused("unreadable")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise AddressRefused("unreadable") from None
    if parts.scheme not in ("http", "https") or (not private and parts.scheme != "https"):
        raise AddressRefused("insecure")
    if "@" in parts.netloc or "%" in parts.netloc or port == 0:
        raise AddressRefused("unreadable")
    literal, is_special = _host(host)
    if "[" in parts.netloc and not isinstance(literal, IPv6Address):
        raise AddressRefused("unreadable")
    port = port or (443 if parts.scheme == "https" else 80)
    is_private_only = parts.scheme == "http" or port not in PORTS or is_special
    if not private and is_special:
        raise AddressRefused("private")
    if not private and port not in PORTS:
        raise AddressRefused("port")
    target = Target(url, host, port, literal, is_private_only)
    if literal is not None:
        check_addresses(target, [literal], private)
    return target


def check_addresses(target: Target, found: Sequence[Address], private: Networks = ()) -> None:
    """Raise AddressRefused unless every one of the addresses that a target has may be gone to."""
    if not found:
        raise AddressRefused("unknown")
    for address in found:
        if not (_is_in(address, private) or (is_public(address) and not target.is_private_only)):
            raise AddressRefused("private")


def is_public(address: Address) -> bool:
    """Whether this is a single machine of the public internet, named directly.

    Addresses in which another is wrapped (mapped, NAT64, 6to4, Teredo) are none: what they lead to is not for us to
    guess. The lists are the special-purpose registries (RFC 6890 and later); ipaddress of older Pythons lacks some.
    """
    if isinstance(address, IPv4Address):
        return address.is_global and not (address.is_multicast or address.is_reserved or _is_in(address, _SPECIAL_V4))
    return address in _UNICAST_V6 and address.is_global and not _is_in(address, _SPECIAL_V6)


_SPECIAL_V4 = [
    IPv4Network(text)
    for text in ("192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24")
]
_UNICAST_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = [
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]


def _is_in(address: Address, networks: Networks) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _host(host: str) -> tuple[Address | None, bool]:
    """(the address that a host spells, if it is one; whether it is a name that the public internet does not have)."""
    try:
        return ip_address(host), False
    except ValueError:
        pass
    labels = host.split(".")
    # What ends in a number is an address to every C library, in one of its many spellings (127.1, 0x7f.1, 2130706433).
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or _NUMBER.fullmatch(labels[-1]):
        raise AddressRefused("unreadable")
    return None, len(labels) == 1 or any(host == name or host.endswith(f".{name}") for name in _SPECIAL)
