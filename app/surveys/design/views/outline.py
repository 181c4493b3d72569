"""The builder's page as values: what stands in the outline, what is being edited, and what is said beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from app.journeys.words import emotion_words
from app.kernel.errors import Fault
from app.metrics.emotion import RANKS
from app.surveys.design import queries
from app.surveys.design.conditions import OPERATORS, sentence_of
from app.surveys.design.definition import Question
from app.surveys.design.definition import Survey as Definition
from app.surveys.design.forms import ROOM_FOR_OPTIONS
from app.surveys.design.linter import Finding, findings
from app.surveys.design.models import Survey
from app.surveys.design.question_types import type_of
from app.surveys.design.question_types.expectation import ExpectationType
from app.surveys.design.question_types.scale import ScaleType
from app.surveys.design.reading import read_draft, read_version, state_of
from app.surveys.design.texts import pick
from app.surveys.design.views.shared import page
from app.surveys.design.words import LANGUAGES, OPERATOR_WORDS, PAIR_WORDS, fault_words, finding_words


@dataclass(frozen=True)
class PlacedFault:
    """A fault in words: at which question (None is the survey itself) and in which field of its form."""

    question: str | None
    field: str
    words: str


@dataclass(frozen=True)
class Place:
    """Where in the builder somebody is: a question or the survey itself, what they typed, and what is in the way."""

    question: str | None = None
    next_question: str | None = None
    typed: dict[str, Any] | None = None
    faults: tuple[PlacedFault, ...] = ()
    is_stale: bool = False

    def refused(self, faults: Sequence[Fault], edited: dict[str, Any]) -> Place:
        """The same place with what the grammar refused of the definition `edited`."""
        return replace(self, faults=tuple(_placed(fault, edited, self) for fault in faults))

    def stale(self) -> Place:
        """The same place after somebody else changed the draft."""
        return replace(self, is_stale=True)


def builder_page(survey: Survey, place: Place | None = None) -> str:
    """The builder with the outline, the preview and the settings of the place."""
    place = place or Place()
    definition, newest = read_draft(survey), queries.newest_version(survey)
    found = findings(survey.kind, definition)
    asked = definition.find_question(place.question) if place.question else None
    if place.question and asked is None:
        place = Place(is_stale=place.is_stale)  # somebody removed the question that was being edited
    context = _question_context(definition, asked, place) if asked else _survey_context(survey, definition, place)
    published = read_version(newest) if newest else None
    return page(
        "builder.html",
        survey=survey,
        definition=definition,
        state=state_of(survey, newest.etag if newest else None),
        outline=[_entry(definition, question, found) for question in definition.questions],
        asked=asked,
        is_key_fixed=bool(asked and published and published.find_question(asked.key)),
        remarks=[finding_words(finding) for finding in found if finding.question == (asked.key if asked else None)],
        notes=_notes(definition, asked, place),
        is_stale=place.is_stale,
        is_typed=place.typed is not None,
        **context,
    )


def _entry(definition: Definition, question: Question, found: Sequence[Finding]) -> dict[str, Any]:
    return {
        "key": question.key,
        "type": question.type,
        "text": pick(question.text, None, definition.default_locale)[0],
        "is_conditional": question.show_if is not None,
        "has_finding": any(finding.question == question.key for finding in found),
    }


def _survey_context(survey: Survey, definition: Definition, place: Place) -> dict[str, Any]:
    raw = survey.draft
    own = {
        "name": survey.name,
        "kind": survey.kind,
        "anonymous": survey.is_anonymous,
        "open_link": survey.has_open_link,
        **{name: raw.get(name) for name in ("title", "intro", "thanks", "default_locale")},
    }
    if place.typed is not None:
        typed = place.typed
        own |= {name: typed.get(name) for name in ("name", "title", "intro", "thanks", "default_locale")}
        own |= {name: name in typed for name in ("anonymous", "open_link")}
        own["kind"] = typed.get("kind", survey.kind)
    return {
        "own": own,
        "further_languages": [code for code in LANGUAGES if code not in definition.locales],
        "errors": _errors(place, None),
    }


def _question_context(definition: Definition, asked: Question, place: Place) -> dict[str, Any]:
    index = definition.questions.index(asked)
    earlier = definition.questions[:index]
    raw = place.typed if place.typed is not None else _raw(asked)
    sentence = sentence_of(raw["show_if"]) if raw.get("show_if") else None
    values = _values(definition, earlier)
    listed = {value for _heading, options in values for value, _words in options}
    return {
        "own": raw,
        "number": index + 1,
        "rows": list(raw.get("options") or []) + [{"key": "", "text": {}}] * ROOM_FOR_OPTIONS,
        "earlier": list(_comparable(definition, earlier)),
        "values": values,
        "other_value": sentence.value if sentence and sentence.value not in listed else "",
        "takes_other_values": any(type_of(question).kind in ("number", "date") for question in earlier),
        "emotions": [(rank, emotion_words(rank)) for rank in RANKS],
        "operators": [(operator, OPERATOR_WORDS[operator]) for operator in OPERATORS],
        "sentence": sentence,
        "is_kept": bool(raw.get("show_if")) and sentence is None,
        "errors": _errors(place, asked.key),
    }


def _raw(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "type": question.type,
        "text": question.text,
        "help": question.help,
        "required": question.is_required,
        "options": [{"key": option.key, "text": option.text} for option in question.options],
        "emotions": question.emotions,
        "min": question.least,
        "max": question.most,
        "decimals": question.decimals,
        "unit": question.unit,
        "earliest": question.earliest,
        "latest": question.latest,
        "show_if": question.show_if,
    }


def _comparable(definition: Definition, earlier: Sequence[Question]) -> Iterator[tuple[str, str]]:
    """What a condition may be about: (key, words), a pair once for each of its numbers."""
    for number, question in enumerate(earlier, start=1):
        words = f"{number}. {pick(question.text, None, definition.default_locale)[0]}"
        parts = type_of(question).parts
        yield from [(f"{question.key}.{part}", f"{words} · {PAIR_WORDS[part]}") for part in parts] or [
            (question.key, words)
        ]


def _values(definition: Definition, earlier: Sequence[Question]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a condition may compare with: groups of (value, words), the numbers first."""
    scales = [handler.values for handler in map(type_of, earlier) if isinstance(handler, ScaleType | ExpectationType)]
    numbers = sorted({number for scale in scales for number in scale})
    groups = [(_("Numbers"), [(str(number), str(number)) for number in numbers])]
    for question in earlier:
        options = [(option.key, pick(option.text, None, definition.default_locale)[0]) for option in question.options]
        options += [(str(rank), str(emotion_words(rank))) for rank in question.emotions]
        groups.append((pick(question.text, None, definition.default_locale)[0], options))
    return groups


def _placed(fault: Fault, edited: dict[str, Any], place: Place) -> PlacedFault:
    words = fault_words(fault.pointer, fault.detail)
    match = re.match(r"/definition/questions/(\d+)(?:/(\w+))?", fault.pointer)
    if match is None:
        return PlacedFault(None, fault.pointer.removeprefix("/definition").split("/")[1], words)
    key = edited["questions"][int(match[1])]["key"]
    # A question that is being renamed still has its old key where it stands.
    return PlacedFault(place.question if key == place.next_question else key, match[2] or "", words)


def _errors(place: Place, key: str | None) -> dict[str, str]:
    """What is wrong with the form of this question, or of the survey itself, by field."""
    return {fault.field: fault.words for fault in place.faults if fault.question == key}


def _notes(definition: Definition, asked: Question | None, place: Place) -> list[tuple[str | None, str]]:
    """What is in the way elsewhere in the survey: (question key or None, words)."""
    here = asked.key if asked else None
    keys = [question.key for question in definition.questions]
    notes = []
    for fault in place.faults:
        if fault.question == here and place.typed is not None:
            continue
        number = keys.index(fault.question) + 1 if fault.question in keys else None
        words = _("Question %(number)s: %(words)s", number=number, words=fault.words) if number else fault.words
        notes.append((fault.question, words))
    return notes
