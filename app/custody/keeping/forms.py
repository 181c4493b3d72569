"""The form in which a tenant chooses how long what is kept."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.custody.keeping.rules import CLASSES, DEFAULTS, LEAST, MOST, Terms, is_allowed

CLASS_WORDS = {
    "invitation": _l("Who was asked, and with which mail"),
    "response": _l("Who answered, and what they wrote"),
    "case": _l("What was done about a case"),
    "audit": _l("The audit"),
}
CLASS_HELP = {
    "invitation": _l("Then it is known only that somebody was asked. At least 13 months, so that nobody is asked too"
                     " often."),
    "response": _l("Then scores, choices and days stay, so that no figure changes; names, addresses and free text go."
                   " What opened a case goes with its case."),
    "case": _l("Counted from when it was closed. Then causes, outcome and times stay; notes, messages and the customer"
               " go."),
    "audit": _l("Who changed what, and when. At least 13 months. What is left of it is a chain of hashes without any"
                " words, which proves that nothing else is gone."),
}  # fmt: skip


def read(told: Mapping[str, str]) -> tuple[Terms, dict[str, str]]:
    """What somebody has typed, and what is wrong with it by class; an empty field is for good."""
    months, errors = dict[str, int | None](), dict[str, str]()
    for kind in CLASSES:
        text = told.get(kind, "").strip()
        months[kind] = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None
        if (text and months[kind] is None) or not is_allowed(kind, months[kind]):
            errors[kind] = _("Write a number from %(least)d to %(most)d, or nothing.", least=LEAST[kind], most=MOST)
    return Terms(**months), errors


DEFAULT = Terms(**DEFAULTS)
"""What the form suggests to whoever has chosen nothing yet."""
