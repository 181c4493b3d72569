"""The form of a webhook. It checks no CSRF token: the guard does, for every form alike."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from app.delivery.webhooks.rules import KINDS
from app.delivery.webhooks.service import EndpointInput
from app.delivery.webhooks.words import KIND_WORDS, SENTENCES
from app.kernel.outbound.addresses import LONGEST_URL
from app.web.forms import PageForm


class EndpointForm(PageForm):
    """Where to, and of what."""

    url = StringField(
        _l("Address"), validators=[InputRequired(SENTENCES["/url"]), Length(max=LONGEST_URL, message=SENTENCES["/url"])]
    )
    events = SelectMultipleField(
        _l("Tell when"),
        choices=[(kind, KIND_WORDS[kind]) for kind in KINDS],
        validators=[InputRequired(SENTENCES["/events"])],
    )
    is_active = BooleanField(_l("Switched on"), default=True)

    def given(self) -> EndpointInput:
        """For the verb."""
        return EndpointInput((self.url.data or "").strip(), tuple(self.events.data or ()), bool(self.is_active.data))


class NewEndpointForm(EndpointForm):
    """A new webhook has a key too."""

    key = StringField(
        _l("Key"), validators=[InputRequired(SENTENCES["/key"]), Length(max=64, message=SENTENCES["/key"])]
    )
