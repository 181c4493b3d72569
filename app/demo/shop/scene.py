"""Where and when the shop's year is told: in the demo tenant, or in a tenant's example under the tenant's own name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from app.demo.shop.setting import BRAND, MAIL, PEOPLE, ZONE, Person
from app.demo.shop.words_setting import CHINESE
from app.demo.shop.year import DAYS, Happening, year_until
from app.kernel.scope import Actor
from app.tenants import queries as tenants

_MONTH = timedelta(days=28)


def beginning(now: datetime) -> datetime:
    """When the shop opened: just before its year."""
    return now - timedelta(days=DAYS + 1)


@dataclass(frozen=True)
class Scene:
    """Where and when the story is told: the moment with which it ends, the days of which zone, whose name customers
    read, in which language the shop names its things, and the domain in which its people have their addresses."""

    now: datetime
    zone: ZoneInfo = ZONE
    brand: str = BRAND
    language: str = "en"
    mail: str = MAIL

    @cached_property
    def year(self) -> list[Happening]:
        """All that happens."""
        return year_until(self.now, self.zone)

    @cached_property
    def team(self) -> dict[str, Actor]:
        """Who does what, by name."""
        return {person.name: _actor(person) for person in self.people()}

    def people(self) -> list[Person]:
        """Who works here, with their addresses."""
        return [replace(person, email=person.email.removesuffix(MAIL) + self.mail) for person in PEOPLE]

    def say(self, text: str) -> str:
        """A name of the set-up in the language of the shop."""
        return CHINESE.get(text, text) if self.language == "zh-Hans" else text

    def months(self) -> list[tuple[datetime, datetime]]:
        """The months of four weeks, each with its beginning and its end, the oldest first."""
        number = -(-(DAYS + 1) // _MONTH.days)
        return [
            (self.now - (number - month) * _MONTH, self.now - (number - month - 1) * _MONTH) for month in range(number)
        ]


def _actor(person: Person) -> Actor:
    found = tenants.find_member_by_email(person.email)
    assert found is not None, "the people are let in before the year is told"
    return Actor("user", found[1].id, person.name)
