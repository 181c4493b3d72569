"""The form of a widget. Sites and pages are typed one to a line; each line that is wrong is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from app.journeys.models import Touchpoint
from app.kernel.naming import LONGEST_NAME
from app.surveys.answering.widget_rules import (
    MOST_DAYS,
    MOST_DELAY_SECONDS,
    MOST_PATHS,
    MOST_SITES,
    WidgetInput,
    is_path,
    read_site,
)
from app.surveys.answering.words import WIDGET_KIND_WORDS
from app.web.forms import PageForm, WholeField

_MOST_TEXT = 10_000


def _whole(label: Any, most: int, *first: Any) -> WholeField:
    wrong = _l("Enter a whole number from %(least)s to %(most)s.", least=0, most=most)
    return WholeField(label, validators=[*(first or (InputRequired(wrong),)), NumberRange(0, most, wrong)])


class WidgetForm(PageForm):
    """A widget."""

    name = StringField(_l("Name"), validators=[InputRequired(_l("Write a name.")), Length(max=LONGEST_NAME)])
    kind = RadioField(_l("How it appears"), choices=list(WIDGET_KIND_WORDS.items()))
    sites = TextAreaField(
        _l("Sites it may stand on"), validators=[InputRequired(_l("Name at least one site.")), Length(max=_MOST_TEXT)]
    )
    touchpoint = SelectField(_l("Answers count for"), validators=[Optional()])
    paths = TextAreaField(_l("Only on these pages"), validators=[Optional(), Length(max=_MOST_TEXT)])
    delay_seconds = _whole(_l("Seconds on the page"), MOST_DELAY_SECONDS)
    scroll_percent = _whole(_l("Per cent of the page seen"), 100)
    sample_percent = _whole(_l("Per cent of visitors"), 100)
    again_after_days = _whole(_l("Shown again after (days)"), MOST_DAYS, Optional())
    is_active = BooleanField(_l("Switched on"))

    def offer(self, touchpoints: Sequence[Touchpoint]) -> WidgetForm:
        """Offer these touchpoints."""
        named = [(touchpoint.key, touchpoint.name) for touchpoint in touchpoints]
        self.touchpoint.choices = [("", _("no touchpoint")), *named]
        return self

    def validate_sites(self, field: TextAreaField) -> None:
        """Name the first line that is no site."""
        lines = _lines(field.data)
        if len(lines) > MOST_SITES:
            raise ValidationError(_("Name at most %(most)s sites.", most=MOST_SITES))
        for line in lines:
            try:
                read_site(line)
            except ValueError:
                raise ValidationError(
                    _("“%(line)s” is no site. Write it like https://www.example.com, without a path.", line=line[:100])
                ) from None

    def validate_paths(self, field: TextAreaField) -> None:
        """Name the first line that is no pattern of pages."""
        lines = _lines(field.data)
        if len(lines) > MOST_PATHS:
            raise ValidationError(_("Name at most %(most)s pages.", most=MOST_PATHS))
        wrong = next((line for line in lines if not is_path(line)), None)
        if wrong is not None:
            raise ValidationError(_("“%(line)s” is no page. Write it like /checkout/*.", line=wrong[:100]))

    def wanted(self) -> WidgetInput:
        """The widget as the form says it; for a form without errors."""
        return WidgetInput(
            name=self.name.data,
            kind=self.kind.data,
            sites=_lines(self.sites.data),
            paths=_lines(self.paths.data),
            touchpoint=self.touchpoint.data or "",
            delay_seconds=self.delay_seconds.data,
            scroll_percent=self.scroll_percent.data,
            sample_percent=self.sample_percent.data,
            again_after_days=self.again_after_days.data,
            is_active=self.is_active.data,
        )


def form_of(widget: WidgetInput) -> WidgetForm:
    """The form of a widget as it stands."""
    lines = {"sites": "\n".join(widget.sites), "paths": "\n".join(widget.paths)}
    return WidgetForm(formdata=None, data={**vars(widget), **lines})


def _lines(text: str | None) -> tuple[str, ...]:
    """What was typed, line by line, without empty ones."""
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())
