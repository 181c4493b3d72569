"""What the pages say of webhooks: kinds, states, and why an address was not taken."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

KIND_WORDS = {
    "response.completed": _l("somebody has answered"),
    "case.opened": _l("a case was opened"),
    "case.assigned": _l("a case got an owner"),
    "case.contacted": _l("the customer of a case was reached"),
    "case.resolved": _l("a case was resolved"),
    "case.closed": _l("a case was closed"),
    "case.reopened": _l("a case was reopened"),
    "case.breached": _l("a promise about a case was broken"),
    "customer.unsubscribed": _l("a customer wants no more surveys"),
    "scorecard.closed": _l("the scorecards of a month are final"),
    "test": _l("a test"),
}
STATE_WORDS = {"waiting": _l("on its way"), "delivered": _l("delivered"), "dead": _l("given up")}
STATE_TONES = {"waiting": "accent", "delivered": "success", "dead": "danger"}
DISABLED_WORDS = {
    "failing": _l(
        "Switched off by itself: for five days it had taken nothing. Put it right, test it and switch it on."
    ),
    "gone": _l("Switched off by itself: the receiver answered 410, that nobody listens there any more."),
}
SENTENCES = {
    "/url": _l(
        "This address is not taken. It must begin with https://, lead to the public internet on port 443, 80, 8443 or "
        "8080, and hold no user name, no # and nothing but ASCII."
    ),
    "/events": _l("Choose at least one."),
    "/key": _l("1 to 64 of the characters a-z, 0-9, _ and -, which no other webhook has."),
}
"""What is wrong with a form, by pointer."""


def page_words() -> dict[str, object]:
    """What the templates of this room need of them."""
    return {
        "kind_words": KIND_WORDS,
        "state_words": STATE_WORDS,
        "state_tones": STATE_TONES,
        "disabled_words": DISABLED_WORDS,
    }
