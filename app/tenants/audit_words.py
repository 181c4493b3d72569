"""The audit in plain words: what somebody did, to what, and what it was before and is now.

Rooms above name their actions and fields; what has no words here goes by its own name, made readable.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.naming import readable
from app.tenants.action_words import ACTION_WORDS
from app.tenants.models import AuditEvent
from app.tenants.words import ROLE_WORDS, SCOPE_WORDS, SIGN_IN_RULE_WORDS, actor_words
from app.web.dates import moment
from app.web.words import MEASURE_WORDS

FIELD_WORDS = {
    "form": _l("File"),
    "length": _l("Characters"),
    "message_length": _l("Characters of the message to the customer"),
    "rows": _l("Rows"),
    "words": _l("Words"),
    "actor": _l("Who"),
    "action": _l("What"),
    "subject_type": _l("Kind of thing"),
    "subject_id": _l("Thing"),
    "person": _l("Who"),
    "deputy": _l("Who stands in"),
    "first": _l("From"),
    "last": _l("To"),
    "north_star": _l("The one figure on every home"),
    "sender_name": _l("Mails come from"),
    "min_gap_days": _l("Days between two surveys to one person"),
    "annual_cap": _l("Surveys to one person in 365 days, at most"),
    "quiet_ends_hour": _l("Mails go out from (hour)"),
    "quiet_starts_hour": _l("Mails go out until (hour)"),
    "settle_minutes": _l("Minutes until an unfinished answer counts"),
    "nps_detractor_max": _l("NPS up to this opens a case"),
    "csat_detractor_max": _l("CSAT up to this opens a case"),
    "ces_detractor_max": _l("CES up to this opens a case (0: none does)"),
    "emotion_detractor_max": _l("Feelings up to this rank open a case (0: none does)"),
    "first_contact_minutes": _l("First contact within (minutes)"),
    "resolution_days": _l("Resolution within (business days)"),
    "follow_up_days": _l("Ask “is it solved?” after (days)"),
    "sign_in_rule": _l("Everybody signs in"),
    "name": _l("Name"),
    "key": _l("Key"),
    "slug": _l("Short name"),
    "email": _l("E-mail address"),
    "role": _l("Role"),
    "scopes": _l("It may"),
    "timezone": _l("Time zone"),
    "week": _l("Working hours"),
    "holidays": _l("Holidays"),
    "workdays": _l("Extra working days"),
    "workday_hours": _l("Hours of extra working days"),
    "journey": _l("Journey"),
    "stage": _l("Stage"),
    "stages": _l("Stages"),
    "order": _l("Order"),
    "channel": _l("Channel"),
    "department": _l("Department"),
    "partner": _l("Partner"),
    "layer": _l("Layer"),
    "desired_emotion": _l("Desired emotion (rank)"),
    "kind": _l("Kind"),
    "is_anonymous": _l("Anonymous"),
    "has_open_link": _l("Open link"),
    "draft": _l("Draft"),
    "questions": _l("Questions"),
    "title": _l("Title"),
    "intro": _l("Introduction"),
    "thanks": _l("Thanks"),
    "default_locale": _l("Default language"),
    "version": _l("Version"),
    "override": _l("Published in spite of warnings, because"),
    "survey": _l("Survey"),
    "touchpoint": _l("Touchpoint"),
    "touchpoints": _l("Touchpoints"),
    "sites": _l("Sites"),
    "paths": _l("Pages"),
    "delay_seconds": _l("Seconds on the page"),
    "scroll_percent": _l("Per cent of the page seen"),
    "again_after_days": _l("Shown again after (days)"),
    "delay_minutes": _l("Minutes after the interaction"),
    "sample_percent": _l("Per cent of customers asked"),
    "expires_after_days": _l("Days until the link expires"),
    "quiet_hours": _l("Waits for the sending hours"),
    "is_active": _l("Asks customers"),
    "changed": _l("Changed"),
    "host": _l("Address"),
    "events": _l("Tell when"),
    "active": _l("Switched on"),
    "deliveries": _l("Messages"),
    "source": _l("Known from"),
    "parked_at": _l("Parked at"),
    "plan": _l("Plan"),
    "ends_at": _l("Ends on"),
    "reason": _l("Reason"),
    "owner": _l("Owner"),
    "outcome": _l("Outcome"),
    "note": _l("Note"),
    "because": _l("Reason"),
    "for": _l("Waits for"),
    "status": _l("State"),
    "into": _l("Merged into case"),
    "severity": _l("Severity"),
    "root_causes": _l("Causes"),
    "action_taken": _l("What was done"),
    "message_to_customer": _l("Message to the customer"),
    "question": _l("Question"),
    "text": _l("Text"),
    "due_at": _l("Due"),
    "measure": _l("What is measured"),
    "weight": _l("Weight"),
    "target": _l("Target"),
    "floor": _l("Floor"),
    "min_n": _l("Judged from (number)"),
    "first_month": _l("Counts from"),
    "last_month": _l("Last month"),
    "method": _l("How the target was found"),
    "agreed_by": _l("Agreed by"),
    "agreed_on": _l("Agreed on"),
    "baseline_first_month": _l("What it was before: first month"),
    "baseline_last_month": _l("What it was before: last month"),
    "baseline_n": _l("What it was before: how many"),
    "baseline_value": _l("What it was before: value"),
    "departments": _l("Departments"),
    "invitation_months": _l("Months for who was asked"),
    "response_months": _l("Months for who answered"),
    "case_months": _l("Months for cases"),
    "audit_months": _l("Months for the audit"),
    "is_held": _l("Legal hold"),
    "up_to": _l("Up to seal"),
    "cases": _l("Cases"),
    "responses": _l("Responses"),
    "scorecards": _l("Words on scorecards"),
    "interactions": _l("Interactions"),
    "invitations": _l("Invitations"),
    "messages": _l("Mails"),
    "customers": _l("Customers"),
    "audit": _l("Rows of the audit"),
    "state": _l("State"),
    "bytes": _l("Bytes"),
    "by": _l("By"),
    "subject": _l("Known there as"),
    "width": _l("Width in pixels"),
    "height": _l("Height in pixels"),
}

_MACHINES_ALONE = {"etag"}
_NAMING = ("name", "email", "key")
_DAYS = {"mon": _l("Mon"), "tue": _l("Tue"), "wed": _l("Wed"), "thu": _l("Thu"), "fri": _l("Fri"), "sat": _l("Sat"),
         "sun": _l("Sun")}  # fmt: skip
# By field, because a code of one is a key of another. Rooms above have the same words, but nothing here looks up there.
_CODES: Mapping[str, Mapping[str, LazyString]] = {
    "role": ROLE_WORDS,
    "scopes": SCOPE_WORDS,
    "sign_in_rule": {rule: words for rule, (words, _meaning) in SIGN_IN_RULE_WORDS.items()},
    "week": _DAYS,
    "channel": {
        "email": _l("E-mail"),
        "phone": _l("Phone"),
        "web": _l("Website"),
        "app": _l("App"),
        "store": _l("Store"),
        "delivery": _l("Delivery"),
        "chat": _l("Chat"),
        "other": _l("Other"),
    },
    "kind": {
        "transactional": _l("After an interaction"),
        "relationship": _l("About the whole relationship"),
        "follow_up": _l("After a case was closed"),
        "internal": _l("Inside the house"),
        "popover": _l("Pop-over"),
        "inline": _l("Inside the page"),
        "button": _l("Feedback button"),
    },
    "layer": {"frontline": _l("Customers meet them"), "support": _l("They stand behind those whom customers meet")},
    "status": {
        "waiting_customer": _l("waiting for the customer"),
        "waiting_partner": _l("waiting for the partner"),
        "waiting_internal": _l("waiting for a team of ours"),
    },
    "state": {"waiting": _l("waits for its turn"), "building": _l("is being made"), "ready": _l("ready")},
    "by": {"command": _l("The command line")},
    "outcome": {
        "reached": _l("reached"),
        "attempted": _l("tried"),
        "confirmed": _l("The customer confirms that it is solved"),
        "no_objection": _l("Solved, and no objection for five business days"),
        "unreachable": _l("The customer could not be reached"),
        "rejected": _l("Nothing will be done about it"),
        "merged": _l("It belongs to another case"),
    },
    "measure": MEASURE_WORDS,
    "for": {"customer": _l("Customer"), "partner": _l("Partner"), "internal": _l("Our own teams")},
}


class Change(NamedTuple):
    """One thing that is another: what it is called, its value before and its value now; None where there was none."""

    field: LazyString | str
    before: str | None
    after: str | None


def page_words() -> dict[str, object]:
    """What a page that lists changes needs to speak of them."""
    return {
        "actor_words": actor_words,
        "action_words": action_words,
        "subject_words": subject_words,
        "changes_of": changes_of,
    }


def action_words(event: AuditEvent) -> LazyString | str:
    """What somebody did; an action without words of its own goes by its name."""
    return ACTION_WORDS.get(event.action, readable(event.action.replace(".", " ")).lower())


def subject_words(event: AuditEvent) -> str:
    """What it was done to, when its row says so by a name or key, or is known by its number."""
    if event.subject_type == "case":
        return f"#{event.subject_id}"
    if event.subject_type in ("api_key", "outreach_rule") and not (event.before or {}).get("name"):
        return event.subject_id
    known = {**(event.before or {}), **(event.after or {})}
    return next((str(known[name]) for name in _NAMING if known.get(name)), "")


def changes_of(event: AuditEvent) -> list[Change]:
    """What is another since, field by field; what never was anything is left out."""
    before, after = event.before or {}, event.after or {}
    names = [name for name in {**before, **after} if name not in _MACHINES_ALONE]
    return [
        Change(
            FIELD_WORDS.get(name, readable(name)),
            _value(name, before[name]) if name in before else None,
            _value(name, after[name]) if name in after else None,
        )
        for name in names
        if _is_something(before.get(name)) or _is_something(after.get(name))
    ]


def _is_something(value: Any) -> bool:
    return value is not None and value != "" and value != [] and value != {}


def _value(name: str, value: Any) -> str:
    """A value as people read it."""
    if not _is_something(value):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in ("draft", "questions"):
        return _questions(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{_code(name, key)}: {_value('', item)}" for key, item in value.items())
    if isinstance(value, list):
        return _listed(name, value)
    if name.endswith("_at"):
        return moment(datetime.fromisoformat(value))
    return _code(name, value)


def _listed(name: str, value: list[Any]) -> str:
    is_span = len(value) == 2 and all(isinstance(item, str) and item[2:3] == ":" for item in value)
    return "–".join(value) if is_span else ", ".join(_value(name, item) for item in value)


def _code(name: str, value: Any) -> str:
    return str(_CODES.get(name, {}).get(value, value))


def _questions(value: Mapping[str, Any] | list[Any]) -> str:
    found = value.get("questions", []) if "default_locale" in value and isinstance(value, Mapping) else value
    keys = ", ".join(found if isinstance(found, Mapping) else (question["key"] for question in found))
    return ngettext("%(num)d question: %(keys)s", "%(num)d questions: %(keys)s", len(found), keys=keys)
