"""The forms of a provider, and what each fault of theirs means. None checks a CSRF token: the guard does."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.tenants.providers.rules import NEWCOMER_ROLES
from app.tenants.providers.service import ProviderInput
from app.tenants.words import ROLE_WORDS
from app.web.forms import PageForm, Sentence

NOBODY = "nobody"
PROVIDER_SENTENCES: dict[str, Sentence] = {
    "/issuer": lambda fault: _l(
        "The provider does not answer there as it should. Copy the issuer exactly. (%(fault)s)", fault=fault
    ),
    "/issuer/known": _l("This provider is there already."),
    "/issuer/most": _l("There are as many providers as there may be. Remove one first."),
    "/client_id": _l("Everybody has to sign in through this provider, so that it needs its client ID and secret."),
    "/domains": _l("Write domains such as example.com, each on a line."),
}


class _Form(PageForm):
    name = StringField(_l("Name on the button"), validators=[InputRequired(_l("Enter a name.")), Length(max=60)])
    domains = TextAreaField(
        _l("Domains"), validators=[InputRequired(_l("Name at least one domain.")), Length(max=5000)]
    )
    newcomer_role = SelectField(
        _l("Who was not invited"),
        choices=[(NOBODY, _l("does not come in")), *((role, ROLE_WORDS[role]) for role in NEWCOMER_ROLES)],
        default=NOBODY,
    )

    def given(self) -> ProviderInput:
        """What was typed."""
        role = None if self.newcomer_role.data == NOBODY else self.newcomer_role.data
        return ProviderInput(self.name.data, "", "", self.domains.data, role)


class NewProviderForm(_Form):
    """A provider that is to be trusted."""

    issuer = StringField(_l("Issuer"), validators=[InputRequired(_l("Enter the issuer.")), Length(max=2000)])


class ProviderForm(_Form):
    """A provider that is there; its issuer stays."""

    client_id = StringField(_l("Client ID"), validators=[Length(max=300)])
    secret = PasswordField(_l("Client secret"), validators=[Length(max=300)])

    def given(self) -> ProviderInput:
        """What was typed."""
        typed = super().given()
        return ProviderInput(
            typed.name, self.client_id.data or "", self.secret.data or "", typed.domains, typed.newcomer_role
        )
