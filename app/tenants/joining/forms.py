"""The forms of this room. None checks a CSRF token: the guard does, for every form alike."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from app.kernel.errors import Fault, Invalid
from app.kernel.ids import parse_id
from app.kernel.naming import LONGEST_NAME
from app.tenants.joining.zones import list_zones
from app.tenants.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD, STAFF_ROLES, RowScope
from app.tenants.sessions import LANGUAGES
from app.tenants.words import NAME_FAULT, ROLE_WORDS
from app.web.forms import PageForm, WholeField


class SignUpForm(PageForm):
    """An organisation that somebody wants to set up."""

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
    "/organisation": NAME_FAULT,
}


class FinishForm(PageForm):
    """The last step of signing up, for somebody who has a log-in already: the address of the organisation's pages."""

    slug = StringField(_l("Short name"), validators=[InputRequired(_l("Enter a short name.")), Length(max=63)])


class FinishAsNewForm(FinishForm):
    """… and for somebody new: a name and a password."""

    name = StringField(_l("Your name"), validators=[InputRequired(_l("Enter your name.")), Length(max=LONGEST_NAME)])
    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Choose a password."))])


FINISH_SENTENCES = {
    "/name": NAME_FAULT,
    "/slug": _l("This short name is taken or cannot be used. Use a to z, 0 to 9 and -, at most 63 of them."),
    "/password": _l(
        "A password has %(least)d to %(most)d characters, and is not easy to guess.",
        least=SHORTEST_PASSWORD,
        most=LONGEST_PASSWORD,
    ),
}


class PersonForm(PageForm):
    """Somebody who is to be invited."""

    email = EmailField(
        _l("E-mail address"), validators=[InputRequired(_l("Enter an e-mail address.")), Length(max=320)]
    )


PERSON_SENTENCES = {"/email": _l("This is no e-mail address, or somebody who signs in here already.")}


class Places:
    """The departments and touchpoints that were ticked; a part of the forms below."""

    departments = SelectMultipleField(choices=[], validate_choice=False)
    touchpoints = SelectMultipleField(choices=[], validate_choice=False)

    def rows(self) -> RowScope:
        """What was ticked. Raises Invalid for what is no id."""
        departments, touchpoints = (
            [parse_id(text) for text in field.data or ()] for field in (self.departments, self.touchpoints)
        )
        if None in departments or None in touchpoints:
            raise Invalid("This is no place.", [Fault("/touchpoints", "unknown")])
        return RowScope(frozenset(filter(None, departments)), frozenset(filter(None, touchpoints)))

    def ticked(self) -> set[str]:
        """The ids that were ticked, as the page has them."""
        return {*(self.departments.data or ()), *(self.touchpoints.data or ())}


class InviteForm(Places, PersonForm):
    """… to the team, as what, and to see what."""

    role = SelectField(_l("Role"), choices=[(role, ROLE_WORDS[role]) for role in STAFF_ROLES], default="agent")


PLACES_SENTENCES = {"/touchpoints": _l("An admin sees everything. For anybody else, choose from the list.")}
INVITE_SENTENCES = {**PERSON_SENTENCES, **PLACES_SENTENCES, "/role": _l("Choose a role from the list.")}


class PlacesForm(Places, PageForm):
    """What a member sees; `agreed` is how many of their cases the page has said would go to others."""

    agreed = WholeField(default=0)


class JoinForm(PageForm):
    """Accepting an invitation, for somebody who has a log-in already."""

    def given_name(self) -> str:
        """The name that was typed, when one is asked for."""
        return ""

    def given_password(self) -> str | None:
        """The password that was chosen, when one is asked for."""
        return None


class JoinAsNewForm(JoinForm):
    """… and for somebody new."""

    name = StringField(_l("Your name"), validators=[InputRequired(_l("Enter your name.")), Length(max=LONGEST_NAME)])
    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Choose a password."))])

    def given_name(self) -> str:
        return str(self.name.data)

    def given_password(self) -> str | None:
        return str(self.password.data)


JOIN_SENTENCES = {"/password": FINISH_SENTENCES["/password"], "/name": NAME_FAULT}


class RoleForm(PageForm):
    """What somebody works as."""

    role = SelectField(_l("Role"), choices=[(role, ROLE_WORDS[role]) for role in STAFF_ROLES])
    with_keys = BooleanField()


class RemovalForm(PageForm):
    """Who gets the open cases of somebody who leaves; empty: they are shared."""

    heir = StringField()
    with_keys = BooleanField()

    def heir_id(self) -> UUID | None:
        """The chosen person. Raises Invalid for what is no id."""
        if not self.heir.data:
            return None
        found = parse_id(self.heir.data)
        if found is None:
            raise Invalid("This is nobody.", [Fault("/heir", "nobody")])
        return found


REMOVAL_SENTENCES = {"/heir": _l("Choose somebody from the list: they have to work on cases.")}
