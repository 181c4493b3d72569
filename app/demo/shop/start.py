"""What the first start of Heed does for a newcomer: the demo tenant can be signed in to, and its year follows."""

from __future__ import annotations

from app.demo.shop import service, setting
from app.kernel.errors import Conflict
from app.kernel.scope import Actor, acting, tenant_scope


def open_demo() -> list[str]:
    """Make the demo tenant and ask for its year; returns the lines to print. What is there already stays as it is."""
    with acting(Actor("command", label="heed up")):
        try:
            tenant_id = service.open_shop()
        except Conflict as refusal:
            return [str(refusal)]
    with tenant_scope(tenant_id):
        is_asked_for = service.ask_for_year()
    more = ["The demo tenant is being filled; in about half a minute its whole year is there."] if is_asked_for else []
    return [*log_ins(), *more]


def log_ins() -> list[str]:
    """One log-in for each role, and the password of all."""
    people = [f"{person.role:<8} {person.email}" for person in setting.SHOWN]
    return [*people, f"The password of each is: {setting.PASSWORD}"]
