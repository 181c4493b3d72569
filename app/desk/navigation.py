"""The rail of the staff and partner pages by role, the pages a search finds, and the frame around every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _l

from app.desk.queries.first_steps import has_answers
from app.tenants import queries as tenants
from app.tenants.access import Member
from app.tenants.examples.rules import is_closed
from app.tenants.row_scopes import list_groups
from app.tenants.sessions import LANGUAGES
from app.tenants.words import sight_words
from app.web.frame import Frame, Language, NavEntry


@dataclass(frozen=True)
class Place:
    """One place the rail can lead to; `blueprints` are those whose pages belong to it, `pages` more endpoints that do.

    `left_out_for` are the roles whose rail has no room for it: they get there from other pages and by searching.
    """

    label: LazyString
    endpoint: str
    icon: str
    permission: str
    blueprints: tuple[str, ...] = ()
    left_out_for: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()

    def is_for(self, who: Member) -> bool:
        """Whether it stands in the rail of this person."""
        return who.may(self.permission) and who.role not in self.left_out_for


PLACES = (
    Place(
        _l("Home"),
        "desk.home",
        icon="home",
        permission="home",
        pages=("desk.start", "desk.begin"),
    ),
    Place(_l("Inbox"), "cases.inbox", icon="inbox", permission="cases.read", blueprints=("cases",)),
    Place(_l("Customers"), "customers.index", icon="users", permission="customers.read", blueprints=("customers",)),
    Place(
        _l("Responses"),
        "answering_desk.index",
        icon="message-2",
        permission="responses.read",
        blueprints=("answering_desk",),
        left_out_for=("admin",),
    ),
    Place(_l("Figures"), "figures.index", icon="chart-bar", permission="figures.read", blueprints=("figures",)),
    Place(
        _l("Journeys"),
        "journeys.index",
        icon="route",
        permission="journeys.read",
        blueprints=("journeys", "partners", "scorecards"),
    ),
    Place(
        _l("Surveys"),
        "surveys.index",
        icon="forms",
        permission="surveys.read",
        blueprints=("surveys", "share", "widgets"),
    ),
    Place(_l("Outreach"), "outreach.index", icon="send", permission="outreach.read", blueprints=("outreach",)),
    Place(
        _l("Settings"),
        "settings.index",
        icon="settings",
        permission="settings.edit",
        blueprints=(
            *("settings", "team", "sign_in_rule", "logo", "calendar"),
            *("billing", "keys", "webhooks", "identity", "audit", "data", "keeping", "departing"),
        ),
    ),
    Place(_l("Home"), "portal.home", icon="home", permission="portal"),
    Place(
        _l("Cases"),
        "portal.cases",
        icon="inbox",
        permission="portal",
        pages=("portal.case", "portal.answer", "portal.add_fact"),
    ),
    Place(_l("Scorecard"), "scorecards.own", icon="chart-bar", permission="portal", blueprints=("scorecards",)),
    Place(_l("Your people"), "portal.people", icon="users", permission="portal"),
)
"""At most eight stand in the rail of any one role."""

FURTHER_PAGES = (
    Place(_l("First steps"), "desk.start", icon="home", permission="surveys.edit"),
    Place(_l("Touchpoints"), "journeys.touchpoints", icon="route", permission="journeys.read"),
    Place(_l("Departments"), "journeys.departments", icon="route", permission="journeys.read"),
    Place(_l("Partners"), "partners.index", icon="building-store", permission="journeys.read"),
    Place(_l("While I am away"), "absences.index", icon="calendar-off", permission="cases.work"),
    Place(_l("Working hours"), "calendar.index", icon="settings", permission="settings.edit"),
    Place(_l("Team"), "team.index", icon="settings", permission="settings.edit"),
    Place(_l("Sign-in"), "sign_in_rule.index", icon="settings", permission="settings.edit"),
    Place(_l("Logo"), "logo.index", icon="settings", permission="settings.edit"),
    Place(_l("API keys"), "keys.index", icon="settings", permission="settings.edit"),
    Place(_l("Webhooks"), "webhooks.index", icon="settings", permission="webhooks.edit"),
    Place(_l("Billing"), "billing.index", icon="settings", permission="billing.edit"),
    Place(_l("Audit"), "audit.index", icon="settings", permission="audit.read"),
    Place(_l("How long what is kept"), "keeping.index", icon="settings", permission="settings.edit"),
    Place(_l("Data"), "data.index", icon="settings", permission="data.export"),
)
"""Pages below those of the rail, for the search."""


NEXT_STEPS = (
    (_l("Take the first steps"), "desk.start", "surveys.edit"),
    (_l("Look at the surveys"), "surveys.index", "surveys.read"),
    (_l("Look at the journeys"), "journeys.index", "journeys.read"),
    (_l("To the first page"), "desk.home", "home"),
)
"""Where the reader of an empty page goes on, by what they may do."""


def next_step() -> dict[str, str] | None:
    """What stands under an empty page as long as nobody has answered: the first page that this reader may open and is
    not on. None once there are answers: then an empty list is nothing to set up."""
    if g.tenant.is_sample or has_answers():
        return None
    found = ((words, page) for words, page, wanted in NEXT_STEPS if g.member.may(wanted) and page != request.endpoint)
    words, page = next(found)
    return {"text": str(words), "url": url_for(page, tenant=g.tenant.slug)}


def find_pages(text: str) -> list[NavEntry]:
    """The pages that this reader may open and in whose name a word begins like `text`, in the reader's language."""
    who, wanted = g.member, f" {text.casefold()}"
    known = current_app.view_functions  # where nobody pays there are no pages about it
    places = [place for place in PLACES + FURTHER_PAGES if who.may(place.permission) and place.endpoint in known]
    if g.tenant.is_sample:
        places = [place for place in places if not is_closed(place.endpoint)]
    return [_entry(place) for place in places if text and wanted in f" {place.label}".casefold()]


def frame() -> dict[str, Any]:
    """The template context of a staff or partner page: its frame. Nothing outside a tenant."""
    who = g.get("member")
    if not isinstance(who, Member):
        return {"languages": LANGUAGES}
    slug = g.tenant.slug
    code = str(get_locale()).replace("_", "-")
    is_staff = who.may("home")
    # The brand shows itself to its partners; its own people know where they work.
    logo = None if is_staff else tenants.brand(g.tenant.name).logo
    return {
        "languages": LANGUAGES,
        "may": who.may,
        "next_step": next_step,
        "frame": Frame(
            tenant_name=g.tenant.name,
            home_url=url_for("desk.home" if is_staff else "portal.home", tenant=slug),
            nav=[_entry(place) for place in PLACES if place.is_for(who)],
            user_name=who.name,
            user_email=who.email,
            sign_out_url=url_for("accounts.sign_out"),
            account_url=url_for("accounts.you"),
            organisations_url=url_for("tenants.choose"),
            away_url=url_for("absences.index", tenant=slug) if who.may("cases.work") else "",
            search_url=url_for("desk.find", tenant=slug) if is_staff else "",
            language_url=url_for("tenants.language"),
            sees="" if who.rows.is_whole else sight_words(who.rows, list_groups()),
            languages=[Language(known, name, known == code) for known, name in LANGUAGES.items()],
            logo_url=logo.path if logo else "",
            logo_size=logo.fit(144, 32) if logo else (0, 0),
        ),
    }


def _entry(place: Place) -> NavEntry:
    is_here = request.endpoint in (place.endpoint, *place.pages) or request.blueprint in place.blueprints
    return NavEntry(str(place.label), url_for(place.endpoint, tenant=g.tenant.slug), place.icon, is_here)
