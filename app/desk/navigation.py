"""The rail of the staff pages by role, and the frame that every staff page stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _l

from app.tenants.access import Member
from app.tenants.sessions import LANGUAGES
from app.web.frame import Frame, Language, NavEntry


@dataclass(frozen=True)
class Place:
    """One place the rail can lead to; `blueprints` are those whose pages belong to it."""

    label: LazyString
    endpoint: str
    icon: str
    permission: str
    blueprints: tuple[str, ...]


PLACES = (
    Place(_l("Home"), "desk.home", "home", "settings.edit", ("desk",)),
    Place(_l("Inbox"), "cases.inbox", "inbox", "cases.read", ("cases",)),
    Place(_l("Responses"), "answering_desk.index", "message-2", "responses.read", ("answering_desk",)),
    Place(_l("Figures"), "figures.index", "chart-bar", "figures.read", ("figures",)),
    Place(_l("Journeys"), "journeys.index", "route", "journeys.read", ("journeys", "partners")),
    Place(_l("Surveys"), "surveys.index", "forms", "surveys.read", ("surveys",)),
    Place(_l("Outreach"), "outreach.index", "send", "outreach.read", ("outreach",)),
    Place(_l("Settings"), "settings.index", "settings", "settings.edit", ("settings", "calendar")),
    Place(_l("Home"), "portal.home", "home", "portal", ("portal",)),
)
"""At most eight are open to any one role."""


def frame() -> dict[str, Any]:
    """The template context of a staff or partner page: its frame. Nothing outside a tenant."""
    who = g.get("member")
    if not isinstance(who, Member):
        return {"languages": LANGUAGES}
    slug = g.tenant.slug
    code = str(get_locale()).replace("_", "-")
    return {
        "languages": LANGUAGES,
        "may": who.may,
        "frame": Frame(
            tenant_name=g.tenant.name,
            home_url=url_for("desk.home" if who.may("home") else "portal.home", tenant=slug),
            nav=[
                _entry(place, slug)
                for place in PLACES
                if who.may(place.permission) and place.endpoint in current_app.view_functions
            ],
            user_name=who.name,
            user_email=who.email,
            sign_out_url=url_for("tenants.sign_out"),
            search_url="",
            language_url=url_for("tenants.language"),
            languages=[Language(known, name, known == code) for known, name in LANGUAGES.items()],
        ),
    }


def _entry(place: Place, slug: str) -> NavEntry:
    return NavEntry(
        str(place.label), url_for(place.endpoint, tenant=slug), place.icon, request.blueprint in place.blueprints
    )
