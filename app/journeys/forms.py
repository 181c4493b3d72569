"""The forms of this room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional, Regexp

from app.journeys.rules import CHANNEL_PATTERN, HIGHEST_EMOTION, LAYERS, LOWEST_EMOTION, StageInput, TouchpointInput
from app.journeys.words import CHANNEL_WORDS, LAYER_WORDS, emotion_words
from app.partners.forms import SENTENCES, key_field, name_field
from app.web.forms import PageForm

OWN_CHANNEL = "own."
"""Chosen for a channel that is not in the list; no channel has a period."""

_BAD_STAGES = _l("Write one stage to a line, each a name of at most 200 characters.")
JOURNEY_SENTENCES = {**SENTENCES, "/stages": _BAD_STAGES}
_BAD_CHANNEL = _l("A channel has 1 to 32 of the characters a-z, 0-9, _ and -.")


class DepartmentForm(PageForm):
    """A department's name and layer, and its key when it is new."""

    name = name_field()
    layer = SelectField(_l("Where it stands"), choices=[(layer, LAYER_WORDS[layer]) for layer in LAYERS])
    key = key_field()


class JourneyForm(PageForm):
    """A new journey: its name, and the names of its stages, one to a line."""

    name = name_field()
    stages = TextAreaField(_l("Stages"), validators=[Optional()])
    key = key_field()

    def stage_names(self) -> list[str]:
        """The names of the stages, in order."""
        return _lines(self.stages.data)


class JourneyEditForm(PageForm):
    """An existing journey: its name, and further stages. What becomes of its stages is read by `stages_wanted`."""

    name = name_field()
    stages = TextAreaField(_l("Further stages"), validators=[Optional()])

    def stages_wanted(self, posted: Mapping[str, str], keys: list[str]) -> tuple[list[StageInput], list[str]]:
        """The stages in the order of the numbers posted for them, new ones last, and the keys of those to remove.

        `keys` are the present stages in order; their fields are named `name.<key>`, `position.<key>`, `remove.<key>`.
        """
        removed = [key for key in keys if f"remove.{key}" in posted]
        kept = [key for key in keys if key not in removed]
        places = {key: _number(posted.get(f"position.{key}", ""), keys.index(key) + 1) for key in kept}
        # Of two stages in one place, the one that came from further on goes first, and one from before goes last.
        kept.sort(key=lambda key: (places[key], places[key] - keys.index(key)))
        stages = [StageInput(posted.get(f"name.{key}", ""), key) for key in kept]
        return stages + [StageInput(name) for name in _lines(self.stages.data)], removed


class TouchpointForm(PageForm):
    """A touchpoint. `stage` holds journey and stage, `owner` a department (d:key) or a partner (p:key) or neither."""

    name = name_field()
    stage = SelectField(_l("Stage"), validators=[InputRequired(_l("Choose one of the stages."))])
    channel = SelectField(_l("Channel"))
    own_channel = StringField(
        _l("A channel of your own"),
        validators=[Optional(), Regexp(CHANNEL_PATTERN, message=_BAD_CHANNEL)],
    )
    owner = SelectField(_l("Who answers for it"), default="")
    desired_emotion = SelectField(_l("What customers should feel"), default="")
    key = key_field()

    @classmethod
    def of(cls, given: TouchpointInput | None, stages: list[str], owners: list[str]) -> TouchpointForm:
        """The form, filled from `given` or from what was posted; `stages` and `owners` are what may be chosen."""
        form = cls(data=_fields(given)) if given else cls()
        form.stage.choices = [(stage, stage) for stage in stages]
        form.channel.choices = [*CHANNEL_WORDS.items(), (OWN_CHANNEL, _l("Another one, written below"))]
        form.owner.choices = [("", ""), *((owner, owner) for owner in owners)]
        ranks = range(HIGHEST_EMOTION, LOWEST_EMOTION - 1, -1)
        form.desired_emotion.choices = [("", _l("Not said")), *((str(rank), emotion_words(rank)) for rank in ranks)]
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        """Also asks for the channel of one's own, when that was chosen."""
        valid = bool(super().validate(extra_validators))
        if valid and self.channel.data == OWN_CHANNEL and not self.own_channel.data:
            self.own_channel.errors = [_BAD_CHANNEL]
            return False
        return valid

    def touchpoint(self) -> TouchpointInput:
        """What was entered."""
        journey, _slash, stage = self.stage.data.partition("/")
        kind, _colon, owner = (self.owner.data or "").partition(":")
        return TouchpointInput(
            name=self.name.data,
            journey=journey,
            stage=stage,
            channel=self.own_channel.data or "" if self.channel.data == OWN_CHANNEL else self.channel.data,
            department=owner if kind == "d" else None,
            partner=owner if kind == "p" else None,
            desired_emotion=int(self.desired_emotion.data) if self.desired_emotion.data else None,
        )


def _fields(given: TouchpointInput) -> dict[str, Any]:
    is_known = given.channel in CHANNEL_WORDS
    owner = f"d:{given.department}" if given.department else f"p:{given.partner}" if given.partner else ""
    return {
        "name": given.name,
        "stage": f"{given.journey}/{given.stage}",
        "channel": given.channel if is_known or not given.channel else OWN_CHANNEL,
        "own_channel": "" if is_known else given.channel,
        "owner": owner,
        "desired_emotion": str(given.desired_emotion or ""),
    }


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else otherwise
