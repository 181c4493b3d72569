"""The form of the working hours: a line of hours per weekday, and dates one to a line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from app.loop.sla.rules import Calendar, Hours
from app.tenants.rules import check_timezone
from app.web.forms import PageForm

MOST_DATES = 500
WEEKDAYS = (
    ("mon", _l("Monday")),
    ("tue", _l("Tuesday")),
    ("wed", _l("Wednesday")),
    ("thu", _l("Thursday")),
    ("fri", _l("Friday")),
    ("sat", _l("Saturday")),
    ("sun", _l("Sunday")),
)
_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*(?:-|–|—|~|至)\s*([01]?\d|2[0-4]):([0-5]\d)", re.ASCII)
_SEPARATOR = re.compile(r"[,;，；、]")


def parse_hours(text: str) -> Hours:
    """The hours of `09:00-12:00, 13:00-18:00`; an empty text is a free day. Raises ValueError."""
    hours = tuple(_span(part.strip()) for part in _SEPARATOR.split(text) if part.strip())
    # The calendar itself knows which hours overlap or run backwards.
    Calendar("UTC", {0: hours or ((time(9), time(18)),)})
    return hours


def parse_dates(text: str) -> frozenset[date]:
    """The dates of `2026-10-01` and the like, one to a line. Raises ValueError with the line that is none."""
    days = set()
    for line in filter(None, (line.strip() for line in text.splitlines())):
        try:
            days.add(date.fromisoformat(line))
        except ValueError:
            raise ValueError(line) from None
    return frozenset(days)


def _span(text: str) -> tuple[time, time]:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(text)
    opens_hour, opens_minute, closes_hour, closes_minute = map(int, match.groups())
    if closes_hour == 24 and closes_minute:
        raise ValueError(text)
    return time(opens_hour, opens_minute), time(closes_hour % 24, closes_minute)


def _check_hours(_form: PageForm, field: Field) -> None:
    try:
        parse_hours(field.data or "")
    except ValueError:
        raise ValidationError(_("Write hours like 09:00-12:00, 13:00-18:00; leave a free day empty.")) from None


def _check_dates(_form: PageForm, field: Field) -> None:
    try:
        days = parse_dates(field.data or "")
    except ValueError as error:
        raise ValidationError(_("“%(line)s” is not a date like 2026-10-01.", line=str(error)[:40])) from None
    if len(days) > MOST_DATES:
        raise ValidationError(_("At most %(most)d dates can be kept.", most=MOST_DATES))


def _check_zone(_form: PageForm, field: Field) -> None:
    try:
        check_timezone(field.data or "")
    except ValueError:
        raise ValidationError(_("That is not a time zone. Write one like Asia/Shanghai.")) from None


def _day(label: Any) -> StringField:
    return StringField(label, validators=[Length(max=100), _check_hours])


def _dates(label: Any) -> TextAreaField:
    return TextAreaField(label, validators=[Length(max=MOST_DATES * 14), _check_dates])


class CalendarForm(PageForm):
    """When the team works."""

    timezone = StringField(
        _l("Time zone"), validators=[InputRequired(_l("Name the time zone.")), Length(max=64), _check_zone]
    )
    mon = _day(WEEKDAYS[0][1])
    tue = _day(WEEKDAYS[1][1])
    wed = _day(WEEKDAYS[2][1])
    thu = _day(WEEKDAYS[3][1])
    fri = _day(WEEKDAYS[4][1])
    sat = _day(WEEKDAYS[5][1])
    sun = _day(WEEKDAYS[6][1])
    holidays = _dates(_l("Holidays"))
    workdays = _dates(_l("Make-up days"))

    @classmethod
    def of(cls, calendar: Calendar) -> CalendarForm:
        """The form filled with a calendar."""
        hours = {key: _hours_text(calendar.week.get(n, ())) for n, (key, _label) in enumerate(WEEKDAYS)}
        dates = {"holidays": _dates_text(calendar.holidays), "workdays": _dates_text(calendar.workdays)}
        return cls(formdata=None, data={"timezone": calendar.timezone, **hours, **dates})

    def validate(self, extra_validators: Any = None) -> bool:
        """Also checks that somebody works at all, and that no date is both free and worked."""
        if not super().validate(extra_validators):
            return False
        if not any(parse_hours(self[key].data or "") for key, _label in WEEKDAYS):
            self.mon.errors = [_("At least one day needs working hours.")]
        if both := parse_dates(self.holidays.data or "") & parse_dates(self.workdays.data or ""):
            self.workdays.errors = [_("%(day)s is a holiday as well.", day=min(both).isoformat())]
        return not self.errors

    def calendar(self) -> Calendar:
        """The calendar of a valid form."""
        week = {n: parse_hours(self[key].data or "") for n, (key, _label) in enumerate(WEEKDAYS)}
        return Calendar(
            timezone=self.timezone.data,
            week={n: hours for n, hours in week.items() if hours},
            holidays=parse_dates(self.holidays.data or ""),
            workdays=parse_dates(self.workdays.data or ""),
        )


def _hours_text(hours: Hours) -> str:
    return ", ".join(f"{opens:%H:%M}-{'24:00' if closes == time(0) else f'{closes:%H:%M}'}" for opens, closes in hours)


def _dates_text(days: Iterable[date]) -> str:
    return "\n".join(day.isoformat() for day in sorted(days))
