"""The mail of an invitation: who it is from, what it is about, the first question as links, and how to stop it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from app.config import Settings
from app.delivery.rules import one_line
from app.journeys.words import emotion_words
from app.kernel import clock, scope, tokens
from app.kernel.contributions import Contribution
from app.surveys.design.definition import Question, Texts
from app.surveys.design.definition import Survey as Definition
from app.surveys.design.question_types import type_of
from app.surveys.design.question_types.emotion import emotions_in_order, token_in
from app.surveys.design.question_types.scale import ScaleType
from app.surveys.design.reading import read_version
from app.surveys.design.texts import direction, pick
from app.surveys.outreach import words
from app.surveys.outreach.models import Invitation
from app.tenants import queries as tenants
from app.tenants.sessions import language_for
from app.web.letters import inlined

find_follow_url: Contribution[[UUID], str | None] = Contribution("where the customer of a follow-up follows their case")
"""The address for this invitation, or None where there is no case."""


@dataclass(frozen=True)
class RenderedMail:
    """A mail as delivery takes it."""

    from_name: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Pick:
    """One answer that can be given by a link in the mail."""

    value: int
    words: str
    url: str


def render_invitation(invitation: Invitation) -> RenderedMail:
    """The mail of an invitation in its customer's language; what we have no words for in it is in English."""
    with force_locale(language_for(invitation.locale)):
        letter = _Letter(invitation)
        context = letter.context()
        return RenderedMail(
            from_name=letter.sender,
            subject=letter.subject,
            text=_render("outreach/mail.txt", context).strip() + "\n",
            html=inlined(_render("outreach/mail.html", context)),
            headers={
                "List-Unsubscribe": f"<{letter.unsubscribe_url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )


def respond_url(invitation: Invitation) -> str:
    """The address under which this invitation is answered."""
    return _url("r", "respond", invitation)


def _url(place: str, purpose: str, invitation: Invitation) -> str:
    settings: Settings = current_app.extensions["heed_settings"]
    return f"{settings.base_url}/{place}/{tokens.issue(purpose, scope.tenant_id(), invitation.id)}"


def _render(template: str, context: dict[str, Any]) -> str:
    # Not render_template: what other rooms add to pages has no business in a mail.
    return current_app.jinja_env.get_template(template).render(context)


class _Letter:
    """The words of one mail, in the running locale."""

    def __init__(self, invitation: Invitation) -> None:
        tenant = tenants.find_tenant(scope.tenant_id())
        assert tenant is not None
        self.invitation = invitation
        self.language = language_for(invitation.locale).replace("_", "-")
        self.brand = tenants.brand(tenant.name)
        self.sender = one_line(self.brand.name) or one_line(tenant.name) or "Heed"
        self.timezone = ZoneInfo(invitation.customer.timezone or tenant.timezone)
        self.survey: Definition = read_version(invitation.version)
        self.unsubscribe_url = _url("u", "unsubscribe", invitation)
        self.respond_url = respond_url(invitation)

    @property
    def subject(self) -> str:
        """Names the interaction: "Your delivery of 12 January"."""
        title, locale = self._say(self.survey.title)
        if self.invitation.purpose == "test":
            return one_line(_("Test: %(title)s", title=title))
        if self.invitation.interaction is None:
            return one_line(title)
        if self.invitation.purpose == "follow_up":
            return one_line(f"{title} ({self._about()})")
        return one_line(words.about_in_words(title, locale, self._day(locale), self.language))

    def context(self) -> dict[str, Any]:
        """What the templates say."""
        first = self.survey.questions[0]
        question, question_locale = self._say(first.text)
        return {
            "language": self.language,
            "subject": self.subject,
            "sender": self.sender,
            "logo": self.brand.logo,
            "sentence": self._sentence(),
            "question": question,
            "question_locale": question_locale,
            "direction": direction(question_locale),
            "start": "right" if direction(question_locale) == "rtl" else "left",
            "kind": first.type,
            "picks": self._picks(first),
            "respond_url": self.respond_url,
            "reason": self._reason(),
            "follow_url": find_follow_url(self.invitation.id) if self.invitation.purpose == "follow_up" else None,
            "unsubscribe_url": self.unsubscribe_url,
        }

    def _sentence(self) -> str:
        if self.invitation.purpose == "follow_up":
            said = _("You told %(sender)s that something had gone wrong. Please say whether it is solved.")
        elif self.invitation.interaction is None:
            said = _("%(sender)s would like to know how it went for you.")
        else:
            said = _("%(sender)s would like to know how it went for you: %(what)s.")
        return said % {"sender": self.sender, "what": self._about()}

    def _reason(self) -> str:
        """Why we ask and who reads it, in one line."""
        touchpoint = self.invitation.touchpoint
        if touchpoint and touchpoint.department:
            return _(
                "We ask because your answer shows us what to do better; the team “%(team)s” at %(sender)s reads it.",
                team=one_line(touchpoint.department.name),
                sender=self.sender,
            )
        return _(
            "We ask because your answer shows us what to do better; the people at %(sender)s read it.",
            sender=self.sender,
        )

    def _about(self) -> str:
        """The interaction: "Delivery, 12 January"."""
        touchpoint, has_day = self.invitation.touchpoint, self.invitation.interaction is not None
        names = [one_line(touchpoint.name)] if touchpoint else []
        return ", ".join([*names, *([self._day(self.language)] if has_day else [])])

    def _day(self, locale: str) -> str:
        return words.day_in_words(self.invitation.interaction.occurred_at, clock.now(), self.timezone, locale)

    def _picks(self, question: Question) -> list[Pick]:
        handler = type_of(question)
        if isinstance(handler, ScaleType):
            named = [(value, _scale_words(question.type, value)) for value in handler.values]
        else:
            # In the order of the page that the links lead to; empty for all that is no feeling.
            order = emotions_in_order(question, token_in(self.respond_url))
            named = [(rank, str(emotion_words(rank))) for rank in order]
        return [Pick(value, said, f"{self.respond_url}?score={question.key}:{value}") for value, said in named]

    def _say(self, texts: Texts) -> tuple[str, str]:
        return pick(texts, self.invitation.locale, self.survey.default_locale)


def _scale_words(kind: str, value: int) -> str:
    """What a value of a scale means where it has a name."""
    named = {
        "nps": {0: _("Not at all likely"), 10: _("Extremely likely")},
        "ces": {1: _("Strongly disagree"), 7: _("Strongly agree")},
        "csat": {
            1: _("Very dissatisfied"),
            2: _("Dissatisfied"),
            3: _("Neither"),
            4: _("Satisfied"),
            5: _("Very satisfied"),
        },
    }
    return named.get(kind, {}).get(value, "")
