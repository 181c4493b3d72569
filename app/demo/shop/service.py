"""`open_shop` makes the demo tenant and its people in a second, `fill_shop` tells its year.

The year is one transaction, through the rooms' own verbs as of the days of the story. Killed half-way it leaves nothing
behind and is told anew; told once, it is not told again. Nothing of it is ever sent: what was answered is history, and
the rules that ask customers are made last, when all that is told has happened.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app.demo.shop import setting
from app.demo.shop.events import ShopOpened
from app.demo.shop.scene import Scene, beginning
from app.demo.shop.setting import ADMIN, BRAND, PEOPLE, SLUG
from app.demo.shop.surveys import SURVEYS
from app.demo.shop.telling import Progress, tell
from app.kernel import clock, scope
from app.kernel.db import TenantModel, atomic, db
from app.kernel.errors import Conflict, NotFound
from app.kernel.events import publish
from app.kernel.outbox import LEASE
from app.kernel.scope import tenant_scope
from app.loop.cases.models import Case
from app.partners.queries import find_partner_by_key, get_partner_by_key
from app.partners.service import put_partner
from app.surveys.answering.models import Response
from app.surveys.design.models import Survey
from app.surveys.outreach.models import Interaction
from app.tenants import queries as tenants
from app.tenants.commands import find_tenant_id
from app.tenants.models import TenantSettings
from app.tenants.service import add_member, create_tenant


class _BrokenOff(Exception):
    """The year was not told to its end."""


def open_shop() -> UUID:
    """The demo tenant with its partners and people, made where they are missing. Called outside any scope.

    Raises Conflict when somebody else's tenant has this short name.
    """
    try:
        tenant_id = find_tenant_id(SLUG)
    except NotFound:
        with clock.as_of(beginning(clock.now())):
            made = create_tenant(
                SLUG, BRAND, ADMIN.email, setting.PASSWORD, timezone=setting.TIMEZONE, admin_name=ADMIN.name
            )
        tenant_id = made.tenant_id
    with tenant_scope(tenant_id), atomic():
        if not is_the_shop():
            raise Conflict(f"A tenant {SLUG} that is not ours is there already; the demo tenant was left out.")
        with clock.as_of(beginning(clock.now())):
            _let_people_in()
    return tenant_id


def ask_for_year(due_at: datetime | None = None) -> bool:
    """Have a worker tell the year of the tenant of the scope, from `due_at` on; False when it is told already."""
    with atomic():
        if is_told():
            return False
        publish(ShopOpened(), due_at=due_at)
        return True


def is_the_shop() -> bool:
    """Whether the tenant of the scope is the one that `open_shop` makes."""
    return tenants.find_member_by_email(ADMIN.email) is not None


def is_told() -> bool:
    """Whether the year of the tenant of the scope is told; it is told whole or not at all."""
    return db.session.scalar(select(Survey.id).where(Survey.key == SURVEYS[0].key)) is not None


def fill_shop(progress: Progress = lambda _done, _all: None) -> bool:
    """Tell the year that ends now; returns whether it is told: False when somebody else is telling it right now."""
    with atomic() as session:
        free = select(TenantSettings.id).with_for_update(skip_locked=True)
        if session.scalar(free) is None:
            return False
        if not is_told():
            tell(Scene(clock.now()), progress)
        return True


def fill_shop_unless(has_to_stop: Callable[[], bool]) -> None:
    """As `fill_shop`, but broken off as soon as `has_to_stop()`: then nothing is told, and the year is asked for
    again; so it is when somebody else is telling it, for the time when they may be dead."""

    def look_up(_done: int, _months: int) -> None:
        if has_to_stop():
            raise _BrokenOff

    try:
        if not fill_shop(look_up):
            # Whoever holds it may die of it, and with this job that of theirs counts as done.
            ask_for_year(clock.now() + LEASE)
    except _BrokenOff:
        ask_for_year()


def count_told() -> dict[str, int | str]:
    """What the tenant of the scope holds; the same after a second load."""
    return {
        "tenant": SLUG,
        "tenant_id": str(scope.tenant_id()),
        "interactions": _count(Interaction),
        "responses": _count(Response),
        "cases": _count(Case),
        "open_cases": _count(Case, Case.status != "closed"),
    }


def _count(model: type[TenantModel], *which: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*which)) or 0


def _let_people_in() -> None:
    for key, name in setting.PARTNERS.items():
        # Putting one that is there would wait for its row, which whoever tells the year holds until the end.
        if find_partner_by_key(key) is None:
            put_partner(key, name)
    for person in PEOPLE:
        if tenants.find_member_by_email(person.email) is None:
            partner_id = get_partner_by_key(person.partner).id if person.partner else None
            add_member(person.email, person.role, setting.PASSWORD, name=person.name, partner_id=partner_id)
