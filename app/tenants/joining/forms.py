"""The forms of this room. None checks a CSRF token: the guard does, for every form alike."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from app.kernel.naming import LONGEST_NAME
from app.tenants.joining.zones import list_zones
from app.tenants.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD
from app.tenants.sessions import LANGUAGES


class SignUpForm(FlaskForm):
    """An organisation that somebody wants to set up."""

    class Meta:
        csrf = False

    organisation = StringField(
        _l("Your organisation"),
        validators=[InputRequired(_l("Enter the name that your customers know.")), Length(max=LONGEST_NAME)],
    )
    email = EmailField(
        _l("Your e-mail address"), validators=[InputRequired(_l("Enter your e-mail address.")), Length(max=320)]
    )
    locale = SelectField(_l("Language of most of your customers"), choices=list(LANGUAGES.items()))
    timezone = SelectField(_l("Time zone"), default="UTC")

    def __init__(self, *args: Any, **fields: Any) -> None:
        """The zones stand in the reader's language, so that they are listed for each page."""
        super().__init__(*args, **fields)
        self.timezone.choices = list_zones()


SIGN_UP_SENTENCES = {
    "/email": _l("This is not an e-mail address."),
    "/organisation": _l("This name cannot be used: it holds a web address, or nothing that can be read."),
}


class FinishForm(FlaskForm):
    """The last step of signing up, for somebody who has a log-in already: the address of the organisation's pages."""

    class Meta:
        csrf = False

    slug = StringField(_l("Short name"), validators=[InputRequired(_l("Enter a short name.")), Length(max=63)])


class FinishAsNewForm(FinishForm):
    """… and for somebody new: a name and a password."""

    name = StringField(_l("Your name"), validators=[InputRequired(_l("Enter your name.")), Length(max=LONGEST_NAME)])
    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Choose a password."))])


FINISH_SENTENCES = {
    "/slug": _l("This short name is taken or cannot be used. Use a to z, 0 to 9 and -, at most 63 of them."),
    "/password": _l("A password has %(least)d to %(most)d characters.", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD),
}
