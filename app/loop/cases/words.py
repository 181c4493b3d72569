"""What the pages of cases say: statuses, outcomes, the next step, what is still missing, each line of the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import format_date, format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.loop.cases.models import Case, CaseEvent
from app.loop.cases.rules import Missing
from app.loop.causes.labels import cause_label

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
    "sms": _l("by text message"),
    "letter": _l("by letter"),
}
WAIT_WORDS = {
    "customer": _l("the customer (the clock stands still)"),
    "partner": _l("the partner"),
    "internal": _l("a team of ours"),
}
_WAITED_FOR = {
    "customer": _l("the customer"),
    "partner": _l("the partner"),
    "internal": _l("a team of ours"),
}
SEVERITY_WORDS = {1: _l("1, gravest"), 2: _l("2, grave"), 3: _l("3, ordinary"), 4: _l("4, slight")}
SHOW_WORDS = {
    "queue": _l("My queue"),
    "mine": _l("Mine"),
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
}
UNSENT_WORDS = {
    "historic": _l("imported history sends nothing"),
    "no_customer": _l("nobody knows who the customer is"),
    "suppressed": _l("the customer asked not to be written to"),
    "no_address": _l("there is no address to write to"),
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
}


def missing_words(missing: Missing) -> str:
    """What is still missing, in the reader's words."""
    if missing.code == "silence" and missing.until:
        return _("the customer's silence until %(when)s", when=format_datetime(missing.until, "medium"))
    return str(_MISSING.get(missing.code, missing.detail))


def next_step(case: Case, missing: Sequence[Missing]) -> str:
    """What is to be done about an open case now."""
    if case.owner_id is None and case.reopened_count:
        return _("It is not solved, and nobody else was there to take it. Take the case.")
    if case.owner_id is None:
        return _("Take the case, so that the customer has somebody.")
    if case.status.startswith("waiting_"):
        return _("Waiting for %(whom)s.", whom=_WAITED_FOR[case.status.removeprefix("waiting_")])
    if case.first_contact_at is None:
        return _("Reach the customer.")
    codes = {each.code for each in missing}
    if "verified_root_cause" in codes:
        return _("Find out why it happened.")
    return _("Solve it, and say what was done.") if "resolution" in codes else _("Close the case.")


def event_words(event: CaseEvent) -> str:
    """What happened, to stand behind the name of who did it."""
    data = event.data
    match event.kind:
        case "assigned":
            return _("gave the case to %(name)s", name=data.get("name", ""))
        case "closed":
            return _("closed the case: %(outcome)s", outcome=OUTCOME_WORDS.get(data.get("outcome", ""), ""))
        case "case_merged":
            return _("merged case %(number)s into this one", number=data.get("number"))
        case "severity_changed":
            return _("changed the severity from %(before)s to %(after)s", before=data["from"], after=data["to"])
        case "waiting_began":
            return _("set the case to wait for %(whom)s", whom=_WAITED_FOR.get(data.get("for", ""), ""))
        case "waiting_ended" if data.get("is_limit"):
            return _("took the case up again: it has waited as long as it may")
        case "contacted" | "contact_attempted":
            return f"{_EVENTS[event.kind]} {_channel(data.get('channel', ''))}"
        case "follow_up_planned":
            return _("will ask the customer on %(day)s whether it is solved", day=_day(data["due_at"]))
        case "follow_up_skipped":
            return _("does not ask the customer again: %(reason)s", reason=UNSENT_WORDS.get(data.get("reason", ""), ""))
        case "breached":
            first = data.get("clock") == "first_contact"
            return _("first contact is late") if first else _("the resolution is late")
        case "follow_up_answered":
            return _("answered the follow-up: %(answer)s", answer=_ANSWERS.get(str(data.get("solved")), ""))
        case kind:
            return str(_EVENTS.get(kind, kind))


def message_fate(event: CaseEvent) -> str:
    """What became of the message that a resolution carried."""
    fate = event.data.get("fate")
    if fate == "queued":
        return _("Told to the customer by mail:")
    return _("Kept, but not sent: %(reason)s.", reason=UNSENT_WORDS.get(str(fate), fate))


def event_causes(event: CaseEvent) -> list[str]:
    """The causes that a line of the timeline sets, in words."""
    return [cause_label(cause["code"]) for cause in event.data.get("root_causes", [])]


def who(event: CaseEvent) -> str:
    """Who did it."""
    if event.actor_kind == "customer" or event.kind == "opened":
        return _("The customer")
    return event.actor_label or _("Heed")


def page_words() -> dict[str, Any]:
    """What the templates of this room speak with."""
    return {
        "status_words": STATUS_WORDS,
        "outcome_words": OUTCOME_WORDS,
        "channel_words": CHANNEL_WORDS,
        "wait_words": WAIT_WORDS,
        "severity_words": SEVERITY_WORDS,
        "unsent_words": UNSENT_WORDS,
        "event_words": event_words,
        "message_fate": message_fate,
        "event_causes": event_causes,
        "event_icons": _ICONS,
        "who": who,
        "missing_words": missing_words,
        "cause_label": cause_label,
    }


def _channel(channel: str) -> str:
    return str(CHANNEL_WORDS.get(channel, channel))


def _day(moment: str) -> str:
    return format_date(datetime.fromisoformat(moment), "long")
