"""The grammar of a survey definition: JSON from outside becomes a `Survey`, or faults by pointer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from app.kernel.errors import Fault, Invalid
from app.surveys.design.definition import Question, Survey, Texts
from app.surveys.design.fields import Locale, LongTexts, Shape, ShortTexts, escape
from app.surveys.design.logic import check_condition, guarded
from app.surveys.design.question_types import TYPES, type_of
from app.surveys.design.question_types.base import QuestionShape

MAX_QUESTIONS = 50

if TYPE_CHECKING:

    class AnyQuestion(QuestionShape):
        """The shape of any question type."""

        type: str
else:
    AnyQuestion = Annotated[
        Union[tuple(handler.shape for handler in TYPES.values())],  # noqa: UP007 - made from the mapping
        Field(discriminator="type"),
    ]


class SurveyShape(Shape):
    """A survey definition."""

    title: ShortTexts
    default_locale: Locale
    questions: Annotated[list[AnyQuestion], Field(min_length=1, max_length=MAX_QUESTIONS)]
    intro: LongTexts | None = None
    thanks: LongTexts | None = None


def parse_definition(raw: object) -> Survey:
    """Read a definition as JSON gives it. Raises Invalid with one fault for each thing that is wrong."""
    try:
        shape = SurveyShape.model_validate(raw)
    except ValidationError as error:
        raise _invalid([_fault(details) for details in error.errors(include_url=False)]) from None
    survey = _build(shape)
    faults = [*_check_texts(survey), *_check_questions(survey)]
    if faults:
        raise _invalid(faults)
    return replace(survey, questions=tuple(_with_condition(question) for question in survey.questions))


def normal_definition(raw: object) -> dict[str, Any]:
    """A definition without faults in the one spelling it is stored in: locales, text and line ends normalised.

    Fields that were not given stay absent. Raises as parse_definition does.
    """
    parse_definition(raw)
    return SurveyShape.model_validate(raw).model_dump(exclude_unset=True)


@lru_cache(maxsize=256)
def load_definition(frozen: str) -> Survey:
    """Read the frozen text of a version. Many people answer the same version, so it is kept once read."""
    return parse_definition(json.loads(frozen))


def canonical_json(definition: Mapping[str, Any]) -> str:
    """The one spelling of a definition that was read without faults, kept as the frozen text of a version."""
    return json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _invalid(faults: list[Fault]) -> Invalid:
    return Invalid("The survey definition has faults.", faults)


def _build(shape: SurveyShape) -> Survey:
    questions = tuple(TYPES[question.type].build(question) for question in shape.questions)
    return Survey(shape.title, shape.default_locale, questions, shape.intro, shape.thanks)


def _with_condition(question: Question) -> Question:
    return question if question.show_if is None else replace(question, condition=guarded(question.show_if))


def _check_texts(survey: Survey) -> Iterator[Fault]:
    for at, texts in _texts(survey):
        if texts is not None and survey.default_locale not in texts:
            yield Fault(at, f"There is no text in the default locale {survey.default_locale}.")


def _texts(survey: Survey) -> Iterator[tuple[str, Texts | None]]:
    yield from (("/title", survey.title), ("/intro", survey.intro), ("/thanks", survey.thanks))
    for place, question in enumerate(survey.questions):
        yield f"/questions/{place}/text", question.text
        yield f"/questions/{place}/help", question.help
        yield f"/questions/{place}/unit", question.unit
        for number, option in enumerate(question.options):
            yield f"/questions/{place}/options/{number}/text", option.text


def _check_questions(survey: Survey) -> Iterator[Fault]:
    scored: dict[str, str] = {}
    for place, question in enumerate(survey.questions):
        at, earlier = f"/questions/{place}", survey.questions[:place]
        handler = type_of(question)
        if any(other.key == question.key for other in earlier):
            yield Fault(f"{at}/key", f'Another question has the key "{question.key}" already.')
        if question.is_scoring and handler.metric is not None:
            first = scored.setdefault(handler.metric, question.key)
            if first != question.key:
                yield Fault(f"{at}/score", f'"{first}" gives the {handler.metric} score: set this one to false.')
        yield from _below(at, handler.check_definition(question))
        if question.show_if is not None:
            yield from _below(f"{at}/show_if", check_condition(question.show_if, earlier))


def _below(at: str, faults: list[Fault]) -> Iterator[Fault]:
    return (Fault(at + fault.pointer, fault.detail) for fault in faults)


def _fault(details: ErrorDetails) -> Fault:
    """Say in a sentence, and at the place in the sender's JSON, what the shapes refused."""
    steps = [step for step in details["loc"] if step != "[key]"]
    if steps[:1] == ["questions"] and len(steps) > 2:
        del steps[2]  # The name of the question type: a step of the shapes, not of the JSON.
    if details["type"].startswith("union_tag"):
        steps.append("type")
    pointer = "".join(f"/{escape(step)}" for step in steps)
    return Fault(pointer, _sentence(details["type"], details.get("ctx", {}), details["msg"]))


def _sentence(kind: str, context: dict[str, Any], message: str) -> str:
    if kind == "value_error":
        return str(context["error"])
    template = _SENTENCES.get(kind)
    return template.format(**context) if template else f"{message}."


_TYPE_SENTENCE = f"Must be a question type: {', '.join(sorted(TYPES))}."
_OBJECT_SENTENCE = "Must be a JSON object."
_SENTENCES = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field.",
    "string_type": "Must be a string.",
    "string_too_long": "Must have at most {max_length} characters.",
    "string_pattern_mismatch": "Must be 1 to 64 of the characters a-z, 0-9, _ and -.",
    "bool_type": "Must be true or false.",
    "int_type": "Must be a whole number.",
    "float_type": "Must be a number.",
    "finite_number": "Must be a finite number.",
    "greater_than_equal": "Must be at least {ge}.",
    "less_than_equal": "Must be at most {le}.",
    "list_type": "Must be a list.",
    "dict_type": _OBJECT_SENTENCE,
    "model_type": _OBJECT_SENTENCE,
    "model_attributes_type": _OBJECT_SENTENCE,
    "too_short": "Must have at least {min_length}, not {actual_length}.",
    "too_long": "Must have at most {max_length}, not {actual_length}.",
    "union_tag_invalid": _TYPE_SENTENCE,
    "union_tag_not_found": _TYPE_SENTENCE,
    "string_unicode": "The names of fields must be valid Unicode.",
}
