"""The forms of this room. None checks a CSRF token: the guard does, for every form alike."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.tenants.rules import SCOPES
from app.tenants.words import SCOPE_WORDS
from app.web.forms import PageForm, WholeField

FIRST_ANSWERED = "first"
_NO_NAME = _l("This name cannot be used.")
PLAIN_NAME_SENTENCES = {"/name": _NO_NAME, "/sender_name": _NO_NAME}
"""What is said beside a name that cannot be read."""
NORTH_STARS = (
    (FIRST_ANSWERED, _l("The first that anybody has answered")),
    ("nps", _l("NPS")),
    ("csat", _l("CSAT")),
    ("ces", _l("CES")),
    ("emotion", _l("Emotion")),
)


def _whole(label: Any, least: int, most: int) -> WholeField:
    wrong = _l("Enter a whole number from %(least)s to %(most)s.", least=least, most=most)
    return WholeField(label, validators=[InputRequired(wrong), NumberRange(least, most, wrong)])


class SettingsForm(PageForm):
    """The defaults of the method, with the ranges of TenantSettings."""

    north_star = SelectField(_l("The one figure on every home"), choices=NORTH_STARS, default=FIRST_ANSWERED)
    sender_name = StringField(_l("Mails come from"), validators=[Optional(), Length(max=100)])
    min_gap_days = _whole(_l("Days between two surveys to one person"), 0, 365)
    annual_cap = _whole(_l("Surveys to one person in 365 days, at most"), 1, 366)
    quiet_ends_hour = _whole(_l("Mails go out from (hour)"), 0, 22)
    quiet_starts_hour = _whole(_l("Mails go out until (hour)"), 1, 24)
    settle_minutes = _whole(_l("Minutes until an unfinished answer counts"), 0, 1440)
    nps_detractor_max = _whole(_l("NPS up to this opens a case"), 0, 8)
    csat_detractor_max = _whole(_l("CSAT up to this opens a case"), 1, 4)
    ces_detractor_max = _whole(_l("CES up to this opens a case (0: none does)"), 0, 6)
    emotion_detractor_max = _whole(_l("Feelings up to this rank open a case (0: none does)"), 0, 10)
    first_contact_minutes = _whole(_l("First contact within (minutes)"), 15, 20160)
    resolution_days = _whole(_l("Resolution within (business days)"), 1, 60)
    follow_up_days = _whole(_l("Ask “is it solved?” after (days)"), 0, 30)

    def validate(self, extra_validators: Any = None) -> bool:
        """Also checks that the sending hours are in order."""
        valid = bool(super().validate(extra_validators))
        if valid and self.quiet_ends_hour.data >= self.quiet_starts_hour.data:
            self.quiet_starts_hour.errors = [_l("The end of the sending hours must be after their start.")]
            return False
        return valid

    def changes(self) -> dict[str, Any]:
        """The values by the names of TenantSettings."""
        found = {field.name: field.data for field in self}
        return found | {
            "north_star": None if found["north_star"] == FIRST_ANSWERED else found["north_star"],
            "sender_name": (found["sender_name"] or "").strip() or None,
        }


FOR_EVER = "never"
LIFETIMES = (
    (FOR_EVER, _l("never")),
    ("30", _l("after 30 days")),
    ("90", _l("after 90 days")),
    ("365", _l("after a year")),
)


class ApiKeyForm(PageForm):
    """A new API key: its name, what it may do, and for how long."""

    name = StringField(_l("Name"), validators=[InputRequired(_l("Name the key.")), Length(max=100)])
    scopes = SelectMultipleField(
        _l("It may"),
        choices=[(scope, SCOPE_WORDS[scope]) for scope in SCOPES],
        validators=[InputRequired(_l("Choose at least one."))],
    )
    days = SelectField(_l("It ends"), choices=LIFETIMES, default=FOR_EVER)

    def lifetime(self) -> int | None:
        """After how many days it ends; None for never."""
        return None if self.days.data == FOR_EVER else int(self.days.data)
