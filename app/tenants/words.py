"""What roles, scopes, rules of signing in and faults of names and logos are called on pages."""

from __future__ import annotations

from collections.abc import Sequence

from babel.lists import format_list
from flask import current_app, g
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.tenants.row_scopes import Group, named
from app.tenants.rules import RowScope
from app.web.words import isolated

ROLE_WORDS = {
    "admin": _l("Admin"),
    "lead": _l("Team lead"),
    "agent": _l("Agent"),
    "analyst": _l("Analyst"),
    "viewer": _l("Viewer"),
    "partner": _l("Partner"),
}

SIGN_IN_RULE_WORDS = {
    "any": (_l("as they like"), _l("A password alone is enough.")),
    "two_steps": (
        _l("with two steps"),
        _l("A passkey, a password and a code that an app shows, or our identity provider."),
    ),
    "passkey": (
        _l("with a passkey"),
        _l("No password, and nothing else that a swindler could ask for."),
    ),
    "provider": (
        _l("through our identity provider"),
        _l("Nobody comes in by a way of their own, but for admins in need, with two steps."),
    ),
}
"""What a tenant may ask of everybody (accounts.rules.SIGN_IN_RULES): what it is called, and what it means."""

NAME_FAULT = _l("This name cannot be used: it holds a web address, or nothing that can be read.")
"""Why a name was not taken (kernel.naming.checked_name_for_letters)."""

SCOPE_WORDS = {
    "read": _l("read"),
    "outreach": _l("send interactions and customers"),
    "responses": _l("send responses"),
    "cases": _l("work on cases"),
    "admin": _l("do everything, settings included"),
}

NO_LOGO_WORDS = {
    "empty": _l("Choose a file first."),
    "large": _l("This file is larger than 1 MB. Save the picture smaller and try again."),
    "kind": _l("This is no PNG and no JPEG picture. Anything else, an SVG too, has to be saved as one of them first."),
    "damaged": _l("This picture is damaged or not complete. Save it anew and try again."),
    "moving": _l("This picture moves. Save one still picture of it."),
    "small": _l("This picture is too small: it takes at least 16 pixels each way."),
    "vast": _l("This picture has too many pixels: at most 8 million. Save it smaller and try again."),
    "long": _l("This picture is too long and thin: one side may be at most eight times the other."),
}
"""Why a file was not taken as a logo (logo_rules.NoLogo)."""


MOST_NAMED = 4
"""Places that are named where there is little room; the others are counted."""


def page_words() -> dict[str, object]:
    """The template context of the pages of this room: the words, the tenant's slug, who is reading,
    whether all of it is an example, and whether there is anything to pay."""
    who, where = g.get("member"), g.get("tenant")
    return {
        "role_words": ROLE_WORDS,
        "scope_words": SCOPE_WORDS,
        "slug": where.slug if where else None,
        "is_sample": where is not None and where.is_sample,
        "has_billing": "billing.index" in current_app.view_functions,
        "me": who.user_id if who else None,
    }


def sight_words(rows: RowScope, groups: Sequence[Group]) -> str:
    """What somebody sees: everything, or the departments and touchpoints by name, a few of them."""
    if rows.is_whole:
        return _("Everything")
    departments, places = named(rows, groups)
    names = [isolated(name) for name in (*departments, *places)]
    if not names:
        return _("Nothing that is there any more")
    more = len(names) - MOST_NAMED
    rest = [ngettext("%(num)d more", "%(num)d more", more)] if more > 0 else []
    return format_list([*names[:MOST_NAMED], *rest], locale=get_locale() or "en")


def actor_words(kind: str, label: str | None) -> str:
    """Who did something, of the kinds that kernel.scope.Actor knows."""
    if kind == "api_key":
        return _("Key “%(name)s”", name=label)
    if kind == "customer":
        return _("The customer")
    return label or _("Heed")
