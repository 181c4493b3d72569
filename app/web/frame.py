"""What a page hands to `web/frame.html` as `frame`: whose pages these are, where one can go, who is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_NAV_ENTRIES = 8


@dataclass(frozen=True)
class NavEntry:
    """One entry of the left rail. `icon` names a Tabler icon; written as `icon="inbox"` the build finds it."""

    label: str
    url: str
    icon: str
    active: bool = False


@dataclass(frozen=True)
class Language:
    """One language that the reader may switch to; `code` is BCP 47, `name` is in that language."""

    code: str
    name: str
    active: bool = False


@dataclass(frozen=True)
class Frame:
    """The frame of one reader. An address left empty leaves its control out. Raises ValueError for a ninth entry."""

    tenant_name: str
    home_url: str
    nav: Sequence[NavEntry]
    user_name: str
    user_email: str
    sign_out_url: str
    account_url: str = ""
    organisations_url: str = ""
    away_url: str = ""
    search_url: str = ""
    language_url: str = ""
    sees: str = ""
    """The part of the tenant to which the reader is narrowed; empty for whoever sees everything."""
    languages: Sequence[Language] = ()
    accent: str = ""
    logo_url: str = ""
    """Where the tenant's logo is; its name stands there in words when empty."""
    logo_size: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        if len(self.nav) > MOST_NAV_ENTRIES:
            raise ValueError(f"the rail has room for {MOST_NAV_ENTRIES} entries, not {len(self.nav)}")
