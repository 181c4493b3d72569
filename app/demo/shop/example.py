"""A tenant's example is filled with the shop's year, under the tenant's own name and in its language and zone.

Each chapter is one transaction with the count of those that are told, so that a filling that was killed goes on where
it stood and nothing is told twice. What customers say now comes first: the first page shows figures after seconds,
and the year before follows while one looks around.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from app.demo.shop import setting
from app.demo.shop.scene import Scene, beginning
from app.demo.shop.setting import ADMIN
from app.demo.shop.telling import Chapter, chapters
from app.kernel import clock, scope
from app.kernel.db import atomic
from app.kernel.events import publish
from app.kernel.outbox import LEASE
from app.partners.queries import get_partner_by_key
from app.partners.service import put_partner
from app.tenants import queries as tenants
from app.tenants.examples.events import ChapterWanted
from app.tenants.examples.queries import find_example
from app.tenants.examples.rules import FIRST_FIGURES, mail_domain
from app.tenants.service import add_member

_NOW_MONTHS = 2
"""How many months of four weeks the first page compares: the last one with the one before."""
_AT_A_TIME_SECONDS = 5.0
"""Then the workers look after others before they go on, once the first figures are there."""


def tell_example(has_to_stop: Callable[[], bool]) -> None:
    """Tell some chapters more of the example of the scope, and ask for the rest. While somebody else is at it, it is
    looked at again when they may be dead; nothing happens when all is told, and when it was removed."""
    end = time.monotonic() + _AT_A_TIME_SECONDS
    story: list[Chapter] = []
    told = 0
    while not has_to_stop() and (told < FIRST_FIGURES or time.monotonic() < end):
        story = story or _story()
        told = _tell_next(story) if story else 0
        if not told or told == len(story):
            return
    with atomic():
        publish(ChapterWanted())


def _tell_next(story: list[Chapter]) -> int:
    """Tell the next chapter; returns how many are told with it, or 0 when there was none to tell."""
    with atomic():
        row, tenant = find_example(lock=True), tenants.find_tenant(scope.tenant_id())
        if row is None and find_example() is not None:
            # Whoever holds it may die of it, and with this job that of theirs counts as done.
            publish(ChapterWanted(), due_at=clock.now() + LEASE)
            return 0
        if row is None or row.told_at is not None or tenant is None or tenant.closed_at is not None:
            return 0
        story[row.told]()
        row.told += 1
        if row.told == len(story):
            row.told_at = clock.now()
        return row.told


def _story() -> list[Chapter]:
    """All chapters in the order in which an example is told; none where there is no example."""
    with atomic():
        row, tenant = find_example(), tenants.find_tenant(scope.tenant_id())
        owner = tenants.find_tenant(tenant.sample_of) if tenant and tenant.sample_of else None
    if row is None or tenant is None or owner is None:
        return []
    language = "zh-Hans" if tenant.default_locale.startswith("zh") else "en"
    zone, mail = ZoneInfo(tenant.timezone), mail_domain(tenant.id)
    return in_order(Scene(row.begun_at, zone, owner.name, language, mail))


def in_order(scene: Scene) -> list[Chapter]:
    """What is now comes first, then what was before, then the scorecards of the months that are over."""
    told = chapters(scene)
    before, lately = told.months[:-_NOW_MONTHS], told.months[-_NOW_MONTHS:]

    def open_up() -> None:
        _let_people_in(scene, beginning(scene.now))
        told.opening()

    return [open_up, *lately, told.today, *before, told.closing]


def _let_people_in(scene: Scene, at: datetime) -> None:
    """The shop's people, each with an address of this example's own and a password that nobody knows. None of them is
    an admin: that is whoever looks around."""
    with clock.as_of(at):
        for key, name in setting.PARTNERS.items():
            put_partner(key, name)
        for person in scene.people():
            partner_id = get_partner_by_key(person.partner).id if person.partner else None
            role = "lead" if person.role == ADMIN.role else person.role
            add_member(person.email, role, secrets.token_urlsafe(32), name=person.name, partner_id=partner_id)
