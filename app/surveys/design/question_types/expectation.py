"""The expectation question: one thing on two scales, what was expected and what was got, 1 (low) to 7 (high).

Source: the paired items of SERVQUAL (Parasuraman, Zeithaml and Berry 1988). The gap is got less expected.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from flask_babel import gettext as _

from app.surveys.design.definition import Answer, Question
from app.surveys.design.question_types.base import QuestionShape, QuestionType, Refusal, describe

PARTS = ("expected", "perceived")
LOW, HIGH = 1, 7
VALUES = range(LOW, HIGH + 1)

_SPELLED = {str(value): value for value in VALUES}


class ExpectationShape(QuestionShape):
    """What was expected and what was got, each from 1 to 7."""

    type: Literal["expectation"]


class ExpectationType(QuestionType[ExpectationShape]):
    """An answer is both numbers, kept as JSON text: `{"expected":6,"perceived":3}`. Half of it tells no gap."""

    name = "expectation"
    kind = "pair"
    parts = PARTS
    values = VALUES
    shape = ExpectationShape

    def check_literal(self, question: Question, value: object) -> str | None:
        """A comparison of a part for equality must be with a number of the scale."""
        return None if type(value) is int and value in VALUES else f"Answers are the numbers {LOW} to {HIGH}."

    def parse_json(self, question: Question, value: object) -> Answer | Refusal | None:
        """Take an object with both numbers and nothing else."""
        if not isinstance(value, dict):
            return Refusal("type", f"Must be an object with {' and '.join(PARTS)}, not {describe(value)}.")
        if any(part not in PARTS for part in value):
            return Refusal("type", f"Has {' and '.join(PARTS)}, and nothing else.")
        return self._pair(value)

    def parse_form(self, question: Question, strings: Sequence[str]) -> Answer | Refusal | None:
        """Take what the two scales posted, as `expected:6` and `perceived:3`."""
        given = {part: number for part, _colon, number in (string.partition(":") for string in set(strings)) if number}
        if len(given) < len({string for string in strings if string}):
            return Refusal("type", "Give one answer on each scale.")
        return self._pair({part: _SPELLED.get(number) for part, number in given.items()}) if given else None

    def _parse_string(self, question: Question, string: str) -> Answer | Refusal | None:
        return self.parse_form(question, [string])

    def _pair(self, given: Mapping[str, object]) -> Answer | Refusal:
        if any(part not in given for part in PARTS):
            return Refusal("both", f"Must have both {' and '.join(PARTS)}.")
        if not all(type(number) is int and number in VALUES for number in given.values()):
            return Refusal("range", f"Both must be whole numbers from {LOW} to {HIGH}.")
        return Answer(text=json.dumps({part: given[part] for part in PARTS}, separators=(",", ":")))

    def as_json(self, answer: Answer) -> Any:
        """Both numbers by part."""
        return json.loads(str(answer.value))

    def as_typed(self, strings: Sequence[str]) -> Any:
        """What was given of the two."""
        return dict(string.split(":", 1) for string in strings if ":" in string)

    def display(self, question: Question, answer: Answer, locale: str | None, default_locale: str) -> str:
        """Both numbers in words, in the language of the page."""
        return _("expected %(expected)s of 7, got %(perceived)s of 7", **self.as_json(answer))
