"""The forms of this room: who a customer is, and the first touchpoint."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from app.desk.first_steps import OCCASIONS, FirstTouchpoint
from app.desk.words import OCCASION_WORDS
from app.web.forms import PageForm

SENTENCES = {
    "/name": _l("Write a name of at most 200 characters, without line breaks."),
    "/locale": _l("Write a language as en, pt-BR or zh-Hans."),
    "/timezone": _l("Choose a time zone such as Asia/Shanghai."),
}
"""What the faults of the verb mean, by pointer."""


def _emptied(text: str | None) -> str | None:
    return (text or "").strip() or None


class CustomerForm(PageForm):
    """Name, language and time zone; what is left empty is not known."""

    name = StringField(_l("Name"), filters=[_emptied], validators=[Length(max=200)])
    locale = StringField(_l("Language"), filters=[_emptied], validators=[Length(max=35)])
    timezone = StringField(_l("Time zone"), filters=[_emptied], validators=[Length(max=64)])


class FirstTouchpointForm(PageForm):
    """What to ask about first, what it is called, and who answers for it."""

    occasion = RadioField(
        _l("What do you want to ask about first?"),
        choices=[(key, OCCASION_WORDS[key][0]) for key in OCCASIONS],
        validators=[InputRequired(_l("Choose what to ask about."))],
    )
    name = StringField(_l("What you call it"), filters=[_emptied], validators=[Length(max=200)])
    team = StringField(_l("The team that answers for it"), filters=[_emptied], validators=[Length(max=200)])

    def given(self) -> FirstTouchpoint:
        """What was chosen; what was left empty gets a usual name."""
        occasion = str(self.occasion.data)
        usual = str(OCCASION_WORDS[occasion][2])
        return FirstTouchpoint(occasion, self.name.data or usual, self.team.data or _("Customer care"))


FIRST_SENTENCES = {"/name": _l("This name cannot be used.")}
