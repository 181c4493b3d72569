"""The form of a partner; that of its targets stands in targets.py."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from app.kernel.naming import KEY_PATTERN, LONGEST_NAME
from app.web.forms import PageForm

UNREADABLE_NAME = _l("Write a name that can be read, of at most 200 characters.")
BAD_KEY = _l("A key has 1 to 64 of the characters a-z, 0-9, _ and -.")
TAKEN_KEY = _l("This key is taken.")

SENTENCES = {"/name": UNREADABLE_NAME, "/key": TAKEN_KEY}
"""What the faults of verbs mean, by pointer."""


def name_field() -> StringField:
    """The name of anything that has one."""
    return StringField(_l("Name"), validators=[InputRequired(_l("Write a name.")), Length(max=LONGEST_NAME)])


def key_field() -> StringField:
    """A key that may be left empty."""
    return StringField(_l("Key"), validators=[Optional(), Regexp(KEY_PATTERN, message=BAD_KEY)])


class PartnerForm(PageForm):
    """A partner's name, and its key when it is new."""

    name = name_field()
    key = key_field()
