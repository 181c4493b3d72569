"""What the pages of this room say: why somebody was not asked, how an invitation stands, where data comes from."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal
from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.desk.queries.timeline import Asked
from app.kernel.naming import readable
from app.surveys.answering.models import Response, answers_of, scores_of
from app.surveys.answering.words import score_words as scores_in_words
from app.surveys.design.question_types import type_of
from app.surveys.design.reading import read_version
from app.surveys.design.texts import pick
from app.surveys.outreach.models import Invitation
from app.web.dates import moment
from app.web.shell import page_language

OCCASION_WORDS = {
    "delivery": (_l("A delivery"), _l("Would they recommend you, now that it has arrived?"), _l("Delivery")),
    "shop": (_l("A visit to the shop"), _l("How satisfied are they?"), _l("Our shop")),
    "support": (_l("A call for help"), _l("Was it easy to get it done?"), _l("Customer service")),
    "online": (
        _l("An order on the website or in the app"),
        _l("How satisfied are they?"),
        _l("Ordering online"),
    ),
}
"""What one may ask about first: what it is called, what is asked, and the name that its touchpoint gets."""

IDENTIFIER_WORDS = {"email": _l("E-mail"), "phone": _l("Phone"), "external": _l("Your own id")}

SOURCE_WORDS = {
    "api": _l("sent by your systems"),
    "import": _l("imported"),
    "interaction": _l("told with an interaction"),
    "customer": _l("given by the customer"),
    "unsubscribe_link": _l("by the link in a mail"),
    "agent": _l("told to one of us"),
    "test": _l("works here and has tried a survey"),
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
    given = answers_of(response)
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
    """The scores of a response: "NPS 3 of 10 · felt anger"."""
    return " · ".join(scores_in_words(scores_of(response)))


def language_name(tag: str | None) -> str | None:
    """A language in the reader's own; a tag nobody knows stands for itself."""
    if not tag:
        return None
    try:
        return Locale.parse(tag, sep="-").get_display_name(get_locale()) or tag
    except (UnknownLocaleError, ValueError):
        return tag
