"""The forms of these pages. None checks a CSRF token: the guard does, for every form alike."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.tenants.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD
from app.web.forms import PageForm


class _Form(PageForm):
    next = HiddenField()
    """The local path to go to afterwards."""


class SignInForm(_Form):
    """Address and password."""

    email = EmailField(_l("E-mail address"), validators=[InputRequired(_l("Enter your e-mail address."))])
    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Enter your password."))])


class CodeForm(_Form):
    """A code of the app, or a recovery code."""

    code = StringField(_l("Code"), validators=[InputRequired(_l("Enter the code.")), Length(max=40)])


class ProofForm(_Form):
    """The password, and a code where one is asked for."""

    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Enter your password."))])
    code = StringField(_l("Code"), validators=[Length(max=40)])


_NEW = [
    InputRequired(_l("Choose a password.")),
    Length(
        SHORTEST_PASSWORD,
        LONGEST_PASSWORD,
        _l("Use %(least)s to %(most)s characters.", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD),
    ),
]


class PasswordForm(_Form):
    """The present password and the one wanted."""

    present = PasswordField(_l("Present password"), validators=[InputRequired(_l("Enter your present password."))])
    wanted = PasswordField(_l("New password"), validators=_NEW)


class NewPasswordForm(_Form):
    """The password wanted in place of a forgotten one."""

    wanted = PasswordField(_l("New password"), validators=_NEW)


class AddressForm(_Form):
    """An e-mail address."""

    email = EmailField(
        _l("E-mail address"), validators=[InputRequired(_l("Enter an e-mail address.")), Length(max=320)]
    )


class NameForm(_Form):
    """What the person is called."""

    name = StringField(_l("Name"), validators=[InputRequired(_l("Enter a name.")), Length(max=200)])


class PasskeyForm(_Form):
    """The name of a passkey that the browser has made."""

    name = StringField(_l("Name"), validators=[InputRequired(_l("Name the passkey.")), Length(max=60)])
    credential = HiddenField()
