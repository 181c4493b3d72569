"""What the customer's own page of a case says: how it stands, who cares, what is promised, and what was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.loop.cases.customer_rules import Promise, Step

_STANDS = {
    "new": _l("We have your answer and take care of it"),
    "assigned": _l("We have your answer and take care of it"),
    "contacted": _l("We have been in touch and go on working on it"),
    "waiting_customer": _l("We are waiting to hear from you"),
    "resolved": _l("We believe that this is solved"),
}
_ENDED = {
    "confirmed": _l("This is solved"),
    "no_objection": _l("This is solved"),
    "unreachable": _l("We could not reach you"),
}
_STEPS = {
    "opened": _l("You told us what happened"),
    "answer_added": _l("You added to your answer"),
    "contacted": _l("We were in touch with you"),
    "contact_attempted": _l("We tried to reach you"),
    "causes_set": _l("We looked into why it happened"),
    "waiting_began": _l("We asked you for what we need to go on"),
    "resolved": _l("We did what was to be done"),
    "resolution_withdrawn": _l("We took it up again"),
    "reopened": _l("We took it up again"),
    "closed": _l("We closed it"),
    "objected": _l("You told us that it is not solved"),
    "thanked": _l("You thanked us"),
}
_ANSWERED = {
    "yes": _l("You told us that it is solved"),
    "partly": _l("You told us that it is partly solved"),
    "no": _l("You told us that it is not solved"),
}


@dataclass(frozen=True)
class Told:
    """One thing that was done, when, and the words that were written with it: the customer's own, or to them."""

    words: str
    when: str
    quote: str


def stands_in_words(status: str, outcome: str | None, *, is_again: bool) -> str:
    """How the case stands; `is_again` when it was reopened."""
    if status == "closed":
        return str(_ENDED.get(outcome or "", _l("This is closed")))
    if is_again and status == "assigned":
        return _("We have taken it up again")
    return str(_STANDS.get(status, _l("We are looking into it")))


def carer_in_words(name: str | None, *, is_over: bool) -> str:
    """Who cares for it, by first name."""
    if is_over:
        return _("%(name)s has looked after this.", name=name) if name else _("Our team has looked after this.")
    return _("%(name)s looks after this for you.", name=name) if name else _("Our team looks after this for you.")


def promise_in_words(promise: Promise, name: str | None, when: str) -> str:
    """What was promised until when; that we are late is said, and not explained away."""
    if promise.kind == "contact":
        if promise.is_late:
            return _("We wanted to be in touch with you by %(when)s. We are late, and we are sorry.", when=when)
        if name:
            return _("%(name)s gets in touch with you by %(when)s.", name=name, when=when)
        return _("Somebody from our team gets in touch with you by %(when)s.", when=when)
    if promise.is_late:
        return _("We wanted to have this solved by %(when)s. We are late, and we are sorry.", when=when)
    return _("We want to have this solved by %(when)s.", when=when)


def step_in_words(step: Step, moment: Callable[[Step], str]) -> Told:
    """One thing that was done; `moment` puts its time into words."""
    words = _ANSWERED.get(step.detail) if step.kind == "follow_up_answered" else None
    return Told(str(words or _STEPS.get(step.kind, _l("You answered our question"))), moment(step), step.quote)


def heard_in_words(step: Step, *, is_reopened: bool) -> str:
    """That what the customer has said has arrived."""
    if step.kind == "thanked":
        return _("Thank you. The people who looked after this will read it.")
    if is_reopened:
        return _("You told us that this is not solved. We are sorry; somebody else looks after it now.")
    return _("You told us that this is not solved. Whoever looks after it reads that.")
