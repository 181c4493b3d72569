"""The form of an absence: who, which days, and who stands in. Whether they can be is for the rules to say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Optional

from app.kernel.ids import parse_id
from app.loop.absences.rules import Days
from app.loop.absences.words import FAULT_WORDS
from app.web.forms import PageForm

_DAY = "%Y-%m-%d"


class _DayField(DateField):
    """A day as browsers send it; what is none says so in the reader's language."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Raises ValueError."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_l("Write a day like 2026-10-01.")) from None


class AbsenceForm(PageForm):
    """Days away."""

    user = StringField(_l("Who"))
    first = _DayField(_l("First day away"), format=_DAY, validators=[InputRequired(_l("Choose the first day."))])
    last = _DayField(_l("Last day away"), format=_DAY, validators=[Optional()])
    deputy = StringField(_l("Who stands in"), validators=[InputRequired(FAULT_WORDS["nobody"])])

    def days(self, oneself: UUID) -> Days:
        """What a valid form says; without a name it is about `oneself`. What is no id is nobody's."""
        who = parse_id(self.user.data) if self.user.data else oneself
        return Days(who or _NOBODY, parse_id(self.deputy.data) or _NOBODY, self.first.data, self.last.data)


_NOBODY = UUID(int=0)
