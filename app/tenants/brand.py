"""How a tenant shows itself to customers and partners: the name it goes by, and its logo where it has one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import current_app

from app.config import Settings
from app.kernel import tokens
from app.tenants.logo_rules import fit

LOGO_PURPOSE = "logo"


@dataclass(frozen=True)
class Logo:
    """A logo without its pixels: where they are and how large they are."""

    tenant_id: UUID
    id: UUID
    digest: str
    width: int
    height: int

    @property
    def path(self) -> str:
        """Its address on this site: another logo has another one, and who reads the mail is not in it."""
        return f"/logo/{tokens.issue(LOGO_PURPOSE, self.tenant_id, self.id)}/{self.digest}.png"

    @property
    def url(self) -> str:
        """The same as a whole address, for mails."""
        settings: Settings = current_app.extensions["heed_settings"]
        return settings.base_url + self.path

    def fit(self, most_width: int, most_height: int) -> tuple[int, int]:
        """(width, height) in which it is shown in a box of this size."""
        return fit(self.width, self.height, most_width, most_height)


@dataclass(frozen=True)
class Brand:
    """What stands on top of a page or mail; `accent` is a colour, or None for ours."""

    name: str
    logo: Logo | None = None
    accent: str | None = None
