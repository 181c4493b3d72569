"""What is decided about widgets: which origins are sites, which site a request comes from, on which pages they show."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import idna

from app.kernel.errors import Fault

KINDS = ("popover", "inline", "button")

MOST_SITES, MOST_PATHS, LONGEST_PATH, MOST_STARS = 20, 20, 200, 3
MOST_DELAY_SECONDS, MOST_DAYS = 3_600, 365

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SITE = re.compile(r"(?P<scheme>https?)://(?P<star>\*\.)?(?P<host>[^/?#@:\[\]\\*\s]+)(?::(?P<port>[0-9]{1,5}))?")
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$")


@dataclass(frozen=True)
class WidgetInput:
    """A widget as the form says it. `sites` and `paths` as typed; `touchpoint` is a key, empty for none."""

    name: str
    kind: str
    sites: tuple[str, ...]
    paths: tuple[str, ...] = ()
    touchpoint: str = ""
    delay_seconds: int = 0
    scroll_percent: int = 0
    sample_percent: int = 100
    again_after_days: int | None = None
    is_active: bool = True


def read_site(text: str) -> str:
    """The one spelling of a site, as browsers send it in Origin: scheme, host in ASCII, and a port that is not usual.

    `*.` before the host stands for its sub-domains. Raises ValueError with a sentence: for an address with a path,
    `null`, and the other spellings of an IP address, none of which a browser would ever send.
    """
    found = _SITE.fullmatch(text.strip().lower().removesuffix("/"))
    if found is None:
        raise ValueError("Write a site like https://www.example.com: no path, and * only as *. before the host.")
    scheme, star, host = found["scheme"], found["star"] or "", _read_host(found["host"])
    if star and ("." not in host or _ENDS_IN_NUMBER.search(host)):
        raise ValueError("*. stands before a domain with a dot, such as *.example.com.")
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port < 65_536:
        raise ValueError("A port is a number from 1 to 65535.")
    is_usual = port is None or port == _DEFAULT_PORTS[scheme]
    return f"{scheme}://{star}{host}" + ("" if is_usual else f":{port}")


def _read_host(host: str) -> str:
    if _ENDS_IN_NUMBER.search(host):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise ValueError("Write an IP address as four numbers, or better the name of the site.") from None
    try:
        return idna.encode(host, uts46=True, std3_rules=True, transitional=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise ValueError("This is not the name of a host.") from None


def origin_of(address: str | None) -> str | None:
    """The origin of the page at this address, None where there is no address or none that can be read."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None


def is_listed(origin: str, sites: Sequence[str]) -> bool:
    """Whether the page that sent this Origin stands on one of the sites; nothing but the browsers' spelling does."""
    return any(_is_on(origin, site) for site in sites)


def _is_on(origin: str, site: str) -> bool:
    if "*" not in site:
        return origin == site
    wanted, given = urlsplit(site), urlsplit(origin)
    # Joined anew, so that nothing which is more than scheme, host and port can pass for one.
    is_origin = origin == f"{given.scheme}://{given.netloc}" and "*" not in origin and "@" not in origin
    is_below = given.netloc.endswith(wanted.netloc[1:]) and given.netloc != wanted.netloc[1:]
    return is_origin and given.scheme == wanted.scheme and is_below


def widget_faults(given: WidgetInput) -> Iterator[Fault]:
    """What is wrong with a widget, each with a pointer."""
    if given.kind not in KINDS:
        yield Fault("/kind", f"One of {', '.join(KINDS)}.")
    if not 1 <= len(given.sites) <= MOST_SITES:
        yield Fault("/sites", f"Name 1 to {MOST_SITES} sites.")
    for place, site in enumerate(given.sites):
        try:
            read_site(site)
        except ValueError as error:
            yield Fault(f"/sites/{place}", str(error))
    if len(given.paths) > MOST_PATHS or not all(map(is_path, given.paths)):
        detail = f"At most {MOST_PATHS} paths that begin with / or *, with at most {MOST_STARS} * in each."
        yield Fault("/paths", detail)
    for name, most in (("delay_seconds", MOST_DELAY_SECONDS), ("scroll_percent", 100), ("sample_percent", 100)):
        if not 0 <= getattr(given, name) <= most:
            yield Fault(f"/{name}", f"A whole number from 0 to {most}.")
    if given.again_after_days is not None and not 0 <= given.again_after_days <= MOST_DAYS:
        yield Fault("/again_after_days", f"A whole number from 0 to {MOST_DAYS}, or nothing.")


def is_path(path: str) -> bool:
    """Whether this is a pattern of page paths."""
    is_short = len(path) <= LONGEST_PATH and path.count("*") <= MOST_STARS
    return is_short and path.isprintable() and path.startswith(("/", "*")) and not set(path) & {"?", "#", " "}
