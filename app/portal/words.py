"""What a partner's pages say: how a case stands, who cares for it, and this month in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from app.insights.figures.words import change_words
from app.loop.cases.customer_rules import first_name
from app.loop.cases.models import Case, PartnerQuestion
from app.loop.cases.partner_rules import is_late
from app.loop.cases.queries.partner import Exchange
from app.loop.cases.timing import moment_words

STATUS_WORDS = {
    "new": _l("new"),
    "assigned": _l("somebody cares for it"),
    "contacted": _l("the customer was reached"),
    "investigating": _l("the cause is being looked for"),
    "waiting_customer": _l("waiting for the customer"),
    "waiting_partner": _l("waiting for you"),
    "waiting_internal": _l("waiting for another team"),
    "resolved": _l("solved, to be confirmed"),
    "closed": _l("closed"),
}

SHOW_WORDS = {"asked": _l("You are asked"), "open": _l("Open"), "closed": _l("Closed")}


def page_words() -> dict[str, object]:
    """What the templates of this room speak with."""
    return {
        "status_words": STATUS_WORDS,
        "show_words": SHOW_WORDS,
        "change_words": change_words,
        "moment_words": moment_words,
        "is_late": is_late,
    }


def carer(case: Case) -> str | None:
    """The first name of the brand's person who cares for the case, and nothing else of them."""
    return first_name(case.owner.name) if case.owner else None


def waiting_in(exchanges: Iterable[Exchange]) -> PartnerQuestion | None:
    """The question of a case that waits for the partner."""
    for step in exchanges:
        if step.question and step.statement is None and step.question.withdrawn_at is None:
            return step.question
    return None
