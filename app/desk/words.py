"""What the pages of this room say: why somebody was not asked, how an invitation stands, where data comes from."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal
from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.desk.queries.timeline import Asked
from app.kernel.naming import readable
from app.surveys.answering.models import Response
from app.surveys.design.definition import Answer
from app.surveys.design.question_types import type_of
from app.surveys.design.reading import read_version
from app.surveys.design.texts import pick
from app.surveys.outreach.models import Invitation
from app.tenants.models import AuditEvent
from app.web.dates import moment
from app.web.shell import page_language

IDENTIFIER_WORDS = {"email": _l("E-mail"), "phone": _l("Phone"), "external": _l("Your own id")}

SOURCE_WORDS = {
    "api": _l("sent by your systems"),
    "import": _l("imported"),
    "customer": _l("given by the customer"),
    "unsubscribe_link": _l("by the link in a mail"),
    "agent": _l("told to one of us"),
}

SKIP_WORDS = {
    "historic": _l("it is imported history"),
    "expired": _l("it was too long ago"),
    "no_address": _l("there was no address to write to"),
    "unsubscribed": _l("they asked not to be written to"),
    "not_sampled": _l("they were not drawn into the sample"),
    "min_gap": _l("they were asked about something else too recently"),
    "annual_cap": _l("they have been asked often enough this year"),
    "not_published": _l("the survey was not published"),
    "survey_closed": _l("the survey was closed"),
}

CANCEL_WORDS = {
    "unsubscribed": _l("they asked not to be written to"),
    "no_address": _l("there was no address to write to"),
    "cancelled": _l("the survey or the rule was taken back"),
    "expired": _l("it could not be sent in time"),
}

CHANNEL_WORDS = {"email": _l("by mail"), "link": _l("by a link that you hand over")}


def source_words(source: str) -> LazyString | str:
    """Where something is known from."""
    return SOURCE_WORDS.get(source, readable(source))


def decision_words(asked: Asked) -> str:
    """What a rule decided about an interaction, and what became of it, as a sentence."""
    survey = asked.decision.rule.survey.name
    if asked.invitation is not None:
        return _("%(survey)s: %(status)s", survey=survey, status=invitation_words(asked.invitation))
    reason = asked.decision.reason or ""
    why = SKIP_WORDS.get(reason, readable(reason))
    if reason == "not_sampled":
        share = format_decimal(asked.decision.sample_percent, locale=get_locale())
        return _("%(survey)s: not asked, because %(why)s (%(share)s %%)", survey=survey, why=why, share=share)
    return _("%(survey)s: not asked, because %(why)s", survey=survey, why=why)


def invitation_words(invitation: Invitation) -> str:
    """How an invitation stands."""
    how = CHANNEL_WORDS.get(invitation.channel, invitation.channel)
    status = invitation.status
    if status == "scheduled":
        return _("will be asked %(how)s on %(when)s", how=how, when=moment(invitation.due_at))
    if status in ("cancelled", "expired") and invitation.sent_at is None:
        why = CANCEL_WORDS.get(invitation.status_reason or status, readable(invitation.status_reason or status))
        return _("not asked in the end, because %(why)s", why=why)
    sentences = {
        "sent": _l("asked %(how)s, no answer yet"),
        "delivered": _l("asked %(how)s, no answer yet"),
        "uncertain": _l("asked %(how)s, but we do not know whether it arrived"),
        "bounced": _l("asked %(how)s, but it was returned"),
        "started": _l("asked %(how)s, began to answer"),
        "completed": _l("asked %(how)s, answered"),
        "expired": _l("asked %(how)s, did not answer in time"),
        "cancelled": _l("asked %(how)s, taken back since"),
    }
    return str(sentences[status]) % {"how": how}


def answer_words(response: Response) -> list[tuple[str, str, bool]]:
    """The answers in the order of the survey: (question, answer, whether the answer is the customer's own words)."""
    definition, locale = read_version(response.version), page_language()
    given = {row.question_key: Answer(row.number, row.text) for row in response.answers}
    return [
        (
            pick(question.text, locale, definition.default_locale)[0],
            type_of(question).display(question, given[question.key], locale, definition.default_locale),
            question.type == "text",
        )
        for question in definition.questions
        if question.key in given
    ]


def score_words(response: Response) -> str:
    """The scores of a response: "NPS 3", "CSAT 2 of 5"."""
    parts = [
        _("NPS %(score)s of 10", score=response.nps) if response.nps is not None else "",
        _("CSAT %(score)s of 5", score=response.csat) if response.csat is not None else "",
    ]
    return " · ".join(part for part in parts if part)


def language_name(tag: str | None) -> str | None:
    """A language in the reader's own; a tag nobody knows stands for itself."""
    if not tag:
        return None
    try:
        return Locale.parse(tag, sep="-").get_display_name(get_locale()) or tag
    except (UnknownLocaleError, ValueError):
        return tag


CHANGE_WORDS = {
    "tenant.created": _l("set up this organisation"),
    "settings.changed": _l("changed the settings"),
    "calendar.changed": _l("changed the working hours"),
    "member.added": _l("added a person to the team"),
    "member.removed": _l("removed a person from the team"),
    "api_key.created": _l("made an API key"),
    "api_key.revoked": _l("revoked an API key"),
    "journey.added": _l("added a journey"),
    "journey.changed": _l("changed a journey"),
    "journey.removed": _l("removed a journey"),
    "journey.ordered": _l("reordered the journeys"),
    "stage.added": _l("added a stage"),
    "stage.changed": _l("changed a stage"),
    "stage.removed": _l("removed a stage"),
    "stage.ordered": _l("reordered stages"),
    "touchpoint.added": _l("added a touchpoint"),
    "touchpoint.changed": _l("changed a touchpoint"),
    "touchpoint.ordered": _l("reordered touchpoints"),
    "department.added": _l("added a department"),
    "department.changed": _l("changed a department"),
    "partner.added": _l("added a partner"),
    "partner.changed": _l("changed a partner"),
    "survey.added": _l("began a survey"),
    "survey.changed": _l("changed the draft of a survey"),
    "survey.published": _l("published a survey"),
    "survey.closed": _l("closed a survey"),
    "survey.reopened": _l("reopened a survey"),
    "outreach_rule.created": _l("added an outreach rule"),
    "outreach_rule.changed": _l("changed an outreach rule"),
    "customer.corrected": _l("corrected a customer"),
    "customer.suppressed": _l("noted that a customer wants no surveys"),
    "customer.suppression_lifted": _l("noted that a customer may be asked again"),
    "response.released": _l("released a parked response"),
}
"""What somebody did, after their name."""


def change_words(event: AuditEvent) -> LazyString | str:
    """What somebody changed; an action without words of its own goes by its name."""
    return CHANGE_WORDS.get(event.action, readable(event.action.replace(".", " ")).lower())


def change_subject(event: AuditEvent) -> str:
    """What the change was about, when its row says so by a name or key."""
    known = {**(event.before or {}), **(event.after or {})}
    return next((str(known[name]) for name in ("name", "email", "key") if known.get(name)), "")
