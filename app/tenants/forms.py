"""The forms of this room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired


class SignInForm(FlaskForm):
    """Address and password; `next` is the local path to go to afterwards."""

    class Meta:
        csrf = False  # the guard checks the token for every form alike

    email = EmailField(_l("E-mail address"), validators=[InputRequired(_l("Enter your e-mail address."))])
    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Enter your password."))])
    next = HiddenField()
