"""The form of a target, that of its end, and what the faults of both mean in words."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, FloatField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from app.kernel.naming import LONGEST_NAME
from app.partners.rules import LONGEST_METHOD, MEAN, MONTH_PATTERN, SHARE, Target
from app.web.forms import PageForm, WholeField
from app.web.words import MEASURE_WORDS

_NEEDED, _NO_NUMBER = _l("This is needed."), _l("Write a number.")
_BAD_MONTH = _l("Write a month such as 2026-03.")
_BAD_N = _l("A whole number. What customers said is judged from ten answers on at the earliest.")
_BAD_BASELINE = _l("A baseline has its first and last month, how many it rests on and its value, or nothing at all.")
_IS_MONTH, _METHOD_FITS = Regexp(MONTH_PATTERN, 0, _BAD_MONTH), Length(max=LONGEST_METHOD)
_OFF_SCALE = _l("This is no value that the measure can have.")

TARGET_SENTENCES = {
    "/measure": _l("This cannot be measured, is told by “Late”, or is one target too many."),
    "/target": _OFF_SCALE,
    "/floor": _l("The floor is worse than the target, and a value that the measure can have."),
    "/weight": _l("A weight is a number above 0, of at most 1,000."),
    "/min_n": _BAD_N,
    "/first_month": _BAD_MONTH,
    "/last_month": _BAD_MONTH,
    "/method": _l("Say how the target was found, in 1,000 characters at most."),
    "/agreed_by": _l("Say who agreed, in 200 characters at most."),
    "/agreed_on": _l("A day that has been, or today."),
    "/baseline_first_month": _BAD_BASELINE,
    "/baseline_last_month": _BAD_BASELINE,
    "/baseline_n": _BAD_BASELINE,
    "/baseline_value": _BAD_BASELINE,
}
"""What the faults of a target mean, by pointer."""


class _Number(FloatField):
    """A number, as people type it with a point."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed. Raises ValueError."""
        self.data = None
        if text := "".join(valuelist[:1]).strip().removesuffix("%").strip():
            try:
                self.data = float(text)
            except ValueError:
                raise ValueError(_NO_NUMBER) from None

    def _value(self) -> str:
        """As it was typed, or without the zeros that nobody types."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:.12g}"


class TargetForm(PageForm):
    """A target. `measure` is not asked for again when one is changed; the share or mean of another one has a name."""

    measure = SelectField(
        _l("What is measured"),
        choices=[
            *MEASURE_WORDS.items(),
            (SHARE, _l("Another measure: how often it is above zero")),
            (MEAN, _l("Another measure: its mean")),
        ],
    )
    measure_name = StringField(_l("Name of the other measure"), validators=[Optional(), Length(max=64)])
    target = _Number(_l("Target"), validators=[InputRequired(_NO_NUMBER)])
    floor = _Number(_l("Floor"), validators=[InputRequired(_NO_NUMBER)])
    weight = _Number(_l("Weight"), validators=[InputRequired(_NO_NUMBER)], default=1)
    min_n = WholeField(_l("Judged from (number)"), validators=[InputRequired(_BAD_N)], default=30)
    first_month = StringField(_l("Counts from"), validators=[InputRequired(_BAD_MONTH), _IS_MONTH])
    agreed_by = StringField(_l("Agreed by"), validators=[InputRequired(_NEEDED), Length(max=LONGEST_NAME)])
    agreed_on = DateField(_l("Agreed on"), validators=[InputRequired(_NEEDED)])
    method = TextAreaField(_l("How the target was found"), validators=[InputRequired(_NEEDED), _METHOD_FITS])
    baseline_first_month = StringField(_l("First month"), validators=[Optional(), _IS_MONTH])
    baseline_last_month = StringField(_l("Last month"), validators=[Optional(), _IS_MONTH])
    baseline_n = WholeField(_l("How many it rests on"), validators=[Optional()])
    baseline_value = _Number(_l("Its value"), validators=[Optional()])

    def agreed(self, measure: str | None = None, last_month: str | None = None) -> Target:
        """What was entered, about `measure` when that is known already."""
        optional = ("baseline_first_month", "baseline_last_month", "baseline_n", "baseline_value")
        return Target(
            measure=measure or self._chosen(),
            weight=self.weight.data,
            target=self.target.data,
            floor=self.floor.data,
            min_n=self.min_n.data,
            first_month=self.first_month.data,
            last_month=last_month,
            method=self.method.data,
            agreed_by=self.agreed_by.data,
            agreed_on=self.agreed_on.data,
            **{name: None if self[name].data == "" else self[name].data for name in optional},
        )

    def _chosen(self) -> str:
        kind = str(self.measure.data)
        return f"{kind}{self.measure_name.data or ''}" if kind in (SHARE, MEAN) else kind


class EndForm(PageForm):
    """The last month in which a target counts."""

    last_month = StringField(_l("Last month"), validators=[InputRequired(_BAD_MONTH)])
