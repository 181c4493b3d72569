"""The mail of an invitation: who it is from, what it is about, the first question as links, and how to stop it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import css_inline
from babel import Locale
from babel.dates import format_skeleton
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from app.config import Settings
from app.delivery.rules import one_line
from app.kernel import clock, scope, tokens
from app.surveys.design.definition import Question
from app.surveys.design.definition import Survey as Definition
from app.surveys.design.question_types import type_of
from app.surveys.design.question_types.scale import ScaleType
from app.surveys.design.reading import read_version
from app.surveys.design.texts import pick
from app.surveys.outreach.models import Invitation
from app.tenants import queries as tenants
from app.tenants.sessions import language_for


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
            html=_inliner().inline(_render("outreach/mail.html", context)),
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


@cache
def _inliner() -> css_inline.CSSInliner:
    # The style element stays for the dark colours, which no style attribute can hold; nothing is loaded from outside.
    return css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


class _Letter:
    """The words of one mail, in the running locale."""

    def __init__(self, invitation: Invitation) -> None:
        tenant = tenants.find_tenant(scope.tenant_id())
        assert tenant is not None
        self.invitation = invitation
        self.language = language_for(invitation.locale)
        self.sender = one_line(tenants.settings().sender_name or "") or one_line(tenant.name) or "Heed"
        self.timezone = ZoneInfo(invitation.customer.timezone or tenant.timezone)
        self.survey: Definition = read_version(invitation.version)
        self.unsubscribe_url = _url("u", "unsubscribe", invitation)
        self.respond_url = respond_url(invitation)

    @property
    def subject(self) -> str:
        """Names the interaction: "Your delivery of 12 January"."""
        title, locale = self._say(self.survey.title)
        if self.invitation.interaction is None:
            return one_line(title)
        if self.invitation.purpose == "follow_up":
            return one_line(f"{title} ({self._about()})")
        if _spoken(locale) == _spoken(self.language):
            return one_line(_("%(title)s of %(date)s", title=title, date=self._date()))
        # Our "of" would stand in the middle of a sentence in another language.
        return one_line(f"{title} · {self._date(locale)}")

    def context(self) -> dict[str, Any]:
        """What the templates say."""
        first = self.survey.questions[0]
        question, question_locale = self._say(first.text)
        return {
            "language": self.language.replace("_", "-"),
            "subject": self.subject,
            "sender": self.sender,
            "sentence": self._sentence(),
            "question": question,
            "question_locale": question_locale,
            "kind": first.type,
            "picks": self._picks(first),
            "respond_url": self.respond_url,
            "reason": self._reason(),
            "unsubscribe_url": self.unsubscribe_url,
        }

    def _sentence(self) -> str:
        if self.invitation.purpose == "follow_up":
            return _(
                "You told %(sender)s that something had gone wrong. Please tell us whether it is solved.",
                sender=self.sender,
            )
        if self.invitation.interaction is None:
            return _("%(sender)s would like to know how it went for you.", sender=self.sender)
        return _("%(sender)s would like to know how it went for you: %(what)s.", sender=self.sender, what=self._about())

    def _reason(self) -> str:
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
        touchpoint = self.invitation.touchpoint
        names = [one_line(touchpoint.name)] if touchpoint else []
        return ", ".join([*names, self._date()])

    def _date(self, locale: str | None = None) -> str:
        """The day of the interaction where the customer lives, with its year when that is not obvious."""
        local = self.invitation.interaction.occurred_at.astimezone(self.timezone)
        skeleton = "MMMMd" if _is_recent(local) else "yMMMMd"
        return str(format_skeleton(skeleton, local, tzinfo=self.timezone, locale=_date_locale(locale or self.language)))

    def _picks(self, question: Question) -> list[Pick]:
        handler = type_of(question)
        if not isinstance(handler, ScaleType):
            return []
        return [
            Pick(value, _scale_words(question.type, value), f"{self.respond_url}?score={question.key}:{value}")
            for value in handler.values
        ]

    def _say(self, texts: Any) -> tuple[str, str]:
        return pick(texts, self.invitation.locale, self.survey.default_locale)


def _scale_words(kind: str, value: int) -> str:
    """What a value of a scale means where it has a name."""
    words = {
        "nps": {0: _("Not at all likely"), 10: _("Extremely likely")},
        "csat": {
            1: _("Very dissatisfied"),
            2: _("Dissatisfied"),
            3: _("Neither"),
            4: _("Satisfied"),
            5: _("Very satisfied"),
        },
    }
    return words.get(kind, {}).get(value, "")


def _spoken(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0]


def _is_recent(local: datetime) -> bool:
    return abs((clock.now() - local).days) < 300


def _date_locale(tag: str) -> Locale:
    """How dates are written for readers of `tag`; plain English writes the day before the month."""
    spelt = "en-GB" if tag == "en" else tag.replace("_", "-")
    return Locale.parse(spelt, sep="-", resolve_likely_subtags=True)
