"""What the kinds of widgets are called on pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

WIDGET_KIND_WORDS = {
    "popover": _l("Pop-over"),
    "inline": _l("Inside the page"),
    "button": _l("Feedback button"),
}

WIDGET_KIND_HELP = {
    "popover": _l("It comes up in a corner by itself and takes nobody's place."),
    "inline": _l("It stands where its line stands, like a part of the page."),
    "button": _l("A button in the corner opens it; or a button of your own."),
}
