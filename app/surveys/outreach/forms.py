"""The form of an outreach rule: its sentence, with the parts that can be changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from app.journeys.models import Touchpoint
from app.kernel.naming import KEY_PATTERN, LONGEST_KEY
from app.surveys.design.models import Survey
from app.surveys.outreach.setup_rules import CHANNELS, MOST_DAYS, MOST_DELAY_MINUTES, RuleInput
from app.surveys.outreach.words import CHANNEL_WORDS, UNIT_WORDS, UNITS, delay_parts
from app.web.forms import PageForm, WholeField

SENTENCES = {
    "/key": _l("This key is taken."),
    "/survey": _l("This survey cannot be asked after an interaction."),
}
"""What the faults of verbs mean, by pointer."""


def _whole(label: Any, least: int, most: int) -> WholeField:
    wrong = _l("Enter a whole number from %(least)s to %(most)s.", least=least, most=most)
    return WholeField(label, validators=[InputRequired(wrong), NumberRange(least, most, wrong)])


class RuleForm(PageForm):
    """A rule; the delay is a number and a unit."""

    key = StringField(
        _l("Key"),
        validators=[
            Optional(),
            Length(max=LONGEST_KEY),
            Regexp(KEY_PATTERN, message=_l("A key has 1 to 64 of the characters a-z, 0-9, _ and -.")),
        ],
    )
    survey = SelectField(_l("Survey"), validators=[InputRequired(_l("Choose a survey."))])
    channel = SelectField(_l("How"), choices=[(name, CHANNEL_WORDS[name]) for name in CHANNELS])
    delay = _whole(_l("How long after it"), 0, MOST_DELAY_MINUTES)
    unit = SelectField(_l("Unit"), choices=[(name, UNIT_WORDS[name]) for name, _size in UNITS])
    touchpoints = SelectMultipleField(
        _l("Touchpoints"), validators=[InputRequired(_l("Choose at least one touchpoint."))]
    )
    sample_percent = _whole(_l("Percent of customers"), 0, 100)
    min_gap_days = WholeField(_l("Days between two surveys"), validators=[Optional(), NumberRange(0, MOST_DAYS)])
    expires_after_days = _whole(_l("Days until the link expires"), 1, MOST_DAYS)
    quiet_hours = BooleanField(_l("Only in the sending hours of the customer's day"))
    is_active = BooleanField(_l("This rule runs"))

    def offer(self, surveys: Sequence[Survey], touchpoints: Sequence[Touchpoint]) -> RuleForm:
        """Offer these surveys and touchpoints."""
        self.survey.choices = [(survey.key, survey.name) for survey in surveys]
        self.touchpoints.choices = [(touchpoint.key, touchpoint.name) for touchpoint in touchpoints]
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """Also checks the delay in its unit."""
        valid = bool(super().validate(extra_validators))
        if valid and self.wanted().delay_minutes > MOST_DELAY_MINUTES:
            self.delay.errors = [_l("The delay is at most a year.")]
            return False
        return valid

    def wanted(self) -> RuleInput:
        """The rule as the form says it; for a form without errors."""
        return RuleInput(
            touchpoints=tuple(self.touchpoints.data),
            survey=self.survey.data,
            channel=self.channel.data,
            delay_minutes=self.delay.data * dict(UNITS)[self.unit.data],
            sample_percent=self.sample_percent.data,
            expires_after_days=self.expires_after_days.data,
            quiet_hours=self.quiet_hours.data,
            min_gap_days=self.min_gap_days.data,
            is_active=self.is_active.data,
        )


def form_of(rule: RuleInput) -> RuleForm:
    """The form of a rule as it stands."""
    delay, unit = delay_parts(rule.delay_minutes)
    return RuleForm(formdata=None, data={**vars(rule), "delay": delay, "unit": unit})
