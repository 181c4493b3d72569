"""What the pages of cases say: statuses, outcomes, what is still missing, and each line of the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.naming import readable
from app.loop.cases.models import Case, CaseEvent
from app.loop.cases.rules import ClosureFacts, Missing
from app.loop.cases.timing import Chip, age_words, contact_chip, moment_words, resolution_chip
from app.loop.causes.labels import cause_label
from app.loop.sla.rules import ClockSettings
from app.metrics.emotion import mask_of
from app.surveys.answering.models import Response, scores_of
from app.surveys.answering.rules import Band, Scores, band
from app.surveys.answering.words import score_words
from app.surveys.outreach.measures import measure_words
from app.tenants.words import actor_words

STATUS_WORDS = {
    "new": _l("new"),
    "assigned": _l("taken"),
    "contacted": _l("customer reached"),
    "investigating": _l("being looked into"),
    "waiting_customer": _l("waiting for the customer"),
    "waiting_partner": _l("waiting for the partner"),
    "waiting_internal": _l("waiting for a team of ours"),
    "resolved": _l("resolved, not closed yet"),
    "closed": _l("closed"),
}
OUTCOME_WORDS = {
    "confirmed": _l("The customer confirms that it is solved"),
    "no_objection": _l("Solved, and no objection for five business days"),
    "unreachable": _l("The customer could not be reached"),
    "rejected": _l("Nothing will be done about it"),
    "merged": _l("It belongs to another case"),
}
CHANNEL_WORDS = {
    "phone": _l("by phone"),
    "email": _l("by mail"),
    "chat": _l("by chat"),
    "visit": _l("in person"),
    "letter": _l("by letter"),
}
WAIT_WORDS = {
    "customer": _l("the customer (the clock stands still)"),
    "partner": _l("the partner"),
    "internal": _l("a team of ours"),
}
SEVERITY_WORDS = {1: _l("1, gravest"), 2: _l("2, grave"), 3: _l("3, ordinary"), 4: _l("4, slight")}
SHOW_WORDS = {
    "queue": _l("My queue"),
    "mine": _l("Mine"),
    "standing_in": _l("I stand in"),
    "unassigned": _l("Nobody's"),
    "open": _l("All open"),
    "waiting": _l("Waiting"),
    "closed": _l("Closed"),
    "history": _l("History"),
}
_MISSING = {
    "reached_contact": _l("somebody has reached the customer"),
    "verified_root_cause": _l("a verified cause"),
    "root_cause": _l("a cause, which may be “unknown”"),
    "resolution": _l("what was done"),
    "attempts": _l("three attempts to reach the customer"),
    "channels": _l("attempts on two channels"),
    "days": _l("attempts spread over three days"),
    "note": _l("a note that says why"),
    "into": _l("the number of the case it belongs to"),
}
_WHERE = {
    "reached_contact": "channel",
    "attempts": "channel",
    "channels": "channel",
    "days": "channel",
    "verified_root_cause": "cause-0",
    "root_cause": "cause-0",
    "resolution": "action",
    "note": "close-note",
    "into": "into",
}
"""The field of the case page that mends what is missing."""

_EVENTS = {
    "opened": _l("gave the answer that opened the case"),
    "answer_added": _l("added to the answer"),
    "contacted": _l("reached the customer"),
    "contact_attempted": _l("tried to reach the customer"),
    "noted": _l("noted"),
    "causes_set": _l("said why it happened"),
    "resolved": _l("said what was done"),
    "resolution_withdrawn": _l("took the case up again: it is not solved"),
    "waiting_ended": _l("took the case up again"),
    "reopened": _l("reopened the case"),
    "follow_up_planned": _l("will ask the customer whether it is solved"),
    "follow_up_skipped": _l("does not ask the customer again"),
    "objected": _l("says that it is not solved"),
    "thanked": _l("says thank you"),
    "partner_asked": _l("asked the partner"),
    "question_withdrawn": _l("took the question to the partner back"),
    "partner_added": _l("added a fact"),
}
_ANSWERS = {"yes": _l("solved"), "partly": _l("partly solved"), "no": _l("not solved")}
_ICONS = {
    "opened": "message-2",
    "answer_added": "message-2",
    "contacted": "phone",
    "contact_attempted": "phone",
    "noted": "pencil",
    "closed": "circle-check",
    "breached": "alert-triangle",
    "objected": "message-2",
    "thanked": "message-2",
    "partner_asked": "building-store",
    "partner_answered": "building-store",
    "partner_added": "building-store",
}


@dataclass(frozen=True)
class Fault:
    """One reason of a refusal, and the id of the field that mends it; none where only time does."""

    words: str
    field: str | None = None


@dataclass(frozen=True)
class Step:
    """One of the steps without which a case is not solved; `field` is where to take it."""

    words: str
    is_done: bool
    field: str


def next_chip(case: Case, now: datetime, promised: ClockSettings) -> Chip:
    """The clock that runs out first, in words."""
    if case.status == "closed":
        return Chip(str(OUTCOME_WORDS.get(case.closure_outcome or "", _l("closed"))), "done")
    if case.is_historic:
        return Chip(_("imported history"), "quiet")
    running = [chip for chip in (contact_chip(case, now, promised), resolution_chip(case, now)) if chip.state != "done"]
    if case.first_contact_at is None:
        return running[0]
    return running[-1] if running else Chip(_("Resolved"), "done")


def steps_to_solve(facts: ClosureFacts) -> list[Step]:
    """What must have happened before a case can be closed as solved, and whether it has."""
    return [
        Step(_("Customer reached"), facts.reached_contact, "channel"),
        Step(_("Cause verified"), facts.verified_cause, "cause-0"),
        Step(_("Resolution written down"), facts.resolved_at is not None, "action"),
    ]


def missing_fault(missing: Missing) -> Fault:
    """What is still missing, with the field that mends it."""
    return Fault(missing_words(missing), _WHERE.get(missing.code))


def missing_words(missing: Missing) -> str:
    """What is still missing, in the reader's words."""
    if missing.code == "silence" and missing.until:
        return _("the customer's silence until %(when)s", when=moment_words(missing.until))
    return str(_MISSING.get(missing.code, missing.detail))


def event_words(event: CaseEvent) -> str:
    """What happened, to stand behind the name of who did it."""
    data = event.data
    match event.kind:
        case "opened" if data.get("because"):
            return _("gave the answer that opened the case: %(why)s", why=_why(data["because"]))
        case "assigned" if data.get("instead_of"):
            names = {"name": data.get("name", ""), "absent": data["instead_of"]}
            return _("gave the case to %(name)s, who stands in for %(absent)s", **names)
        case "assigned":
            return _("gave the case to %(name)s", name=data.get("name", ""))
        case "closed":
            return _("closed the case: %(outcome)s", outcome=OUTCOME_WORDS.get(data.get("outcome", ""), ""))
        case "case_merged":
            return _("merged case %(number)s into this one", number=data.get("number"))
        case "severity_changed":
            return _("changed the severity from %(before)s to %(after)s", before=data["from"], after=data["to"])
        case "waiting_began":
            return _("waits for %(whom)s", whom=WAIT_WORDS.get(data.get("for", ""), ""))
        case "breached":
            first = data.get("clock") == "first_contact"
            return _("first contact is late") if first else _("the resolution is late")
        case "partner_answered":
            return _("answered the question, later than agreed") if data.get("is_late") else _("answered the question")
        case "follow_up_answered":
            return _("answered the follow-up: %(answer)s", answer=_ANSWERS.get(str(data.get("solved")), ""))
        case kind:
            return str(_EVENTS.get(kind, kind))


def _why(because: dict[str, Any]) -> str:
    """The scores that opened a case: "CES 2 of 7, felt anger"."""
    feelings = because.get("emotion")
    return ", ".join(score_words(Scores(**{**because, "emotion": mask_of(feelings) if feelings else None})))


def event_causes(event: CaseEvent) -> list[str]:
    """The causes that a line of the timeline sets, in words."""
    return [cause_label(cause["code"]) for cause in event.data.get("root_causes", [])]


def who(event: CaseEvent) -> str:
    """Who did it; nobody's name where that of a partner's person was let go of, since the firm stands beside it."""
    if event.actor_kind == "partner":
        return event.actor_label
    return actor_words("customer" if event.kind == "opened" else event.actor_kind, event.actor_label)


def score_band(response: Response) -> Band | None:
    """The band of a response's score, for how it is drawn."""
    return band(scores_of(response))


def page_words() -> dict[str, Any]:
    """What the templates of this room speak with."""
    return {
        "status_words": STATUS_WORDS,
        "outcome_words": OUTCOME_WORDS,
        "channel_words": CHANNEL_WORDS,
        "wait_words": WAIT_WORDS,
        "severity_words": SEVERITY_WORDS,
        "event_words": event_words,
        "event_causes": event_causes,
        "event_icons": _ICONS,
        "who": who,
        "missing_words": missing_words,
        "cause_label": cause_label,
        "age_words": age_words,
        "moment_words": moment_words,
        "measure_words": measure_words,
        "readable": readable,
        "score_band": score_band,
    }
