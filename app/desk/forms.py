"""The form that puts right who a customer is."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

SENTENCES = {
    "/name": _l("Write a name of at most 200 characters, without line breaks."),
    "/locale": _l("Write a language as en, pt-BR or zh-Hans."),
    "/timezone": _l("Choose a time zone such as Asia/Shanghai."),
}
"""What the faults of the verb mean, by pointer."""


def _emptied(text: str | None) -> str | None:
    return (text or "").strip() or None


class CustomerForm(FlaskForm):
    """Name, language and time zone; what is left empty is not known."""

    class Meta:
        csrf = False

    name = StringField(_l("Name"), filters=[_emptied], validators=[Length(max=200)])
    locale = StringField(_l("Language"), filters=[_emptied], validators=[Length(max=35)])
    timezone = StringField(_l("Time zone"), filters=[_emptied], validators=[Length(max=64)])
