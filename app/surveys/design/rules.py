"""What answers mean: which of them are good, what is still missing, the scores they give, and the comment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from app.kernel.errors import Fault
from app.surveys.design.definition import Answer, Question, Survey
from app.surveys.design.fields import escape
from app.surveys.design.logic import visible_questions
from app.surveys.design.question_types import type_of
from app.surveys.design.question_types.base import Reason, Refusal
from app.surveys.design.question_types.date import TODAY
from app.surveys.design.question_types.text import TextType

METRICS = ("nps", "csat", "ces", "emotion")


@dataclass(frozen=True)
class AnswerFault(Fault):
    """A fault of one answer. Pages say `reason` in the respondent's language, next to the question `key`."""

    key: str
    reason: Reason


_FIRST_ZONE, _LAST_ZONE = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


def with_today(survey: Survey, now: datetime) -> Survey:
    """The survey with the day put in where a date question says "today".

    A customer's today may be another day than ours, so the bounds take in what is today anywhere on earth.
    """
    if not any(TODAY in (question.earliest, question.latest) for question in survey.questions):
        return survey
    first, last = (now.astimezone(zone).date().isoformat() for zone in (_LAST_ZONE, _FIRST_ZONE))

    def dated(question: Question) -> Question:
        earliest = first if question.earliest == TODAY else question.earliest
        latest = last if question.latest == TODAY else question.latest
        return replace(question, earliest=earliest, latest=latest)

    return replace(survey, questions=tuple(map(dated, survey.questions)))


Checked = tuple[dict[str, Answer], list[Fault]]


def validate_answers(survey: Survey, answers: object, complete: bool) -> Checked:
    """Read the answers of a JSON body: (good answers in the order of the questions, faults under /answers).

    An answer to a question that the good answers hide is dropped without a word, good or bad: the respondent
    may have changed the score after typing. Only `complete` answers must have all that is required.
    """
    if not isinstance(answers, dict):
        return {}, [Fault("/answers", "Must be an object of answers by question key.")]
    return _validate(survey, answers, complete, _parse_json)


def validate_form(survey: Survey, fields: Mapping[str, Sequence[str]], complete: bool) -> Checked:
    """The same for a posted form: `fields` are the strings under each question's key, and nothing else."""
    return _validate(survey, fields, complete, _parse_form)


def _parse_json(question: Question, value: object) -> Answer | Refusal | None:
    return type_of(question).parse_json(question, value)


def _parse_form(question: Question, strings: Sequence[str]) -> Answer | Refusal | None:
    return type_of(question).parse_form(question, strings)


Parser = Callable[[Question, Any], Answer | Refusal | None]


def _validate(survey: Survey, given: Mapping[str, Any], complete: bool, parse: Parser) -> Checked:
    asked = [question for question in survey.questions if question.key in given]
    read = {question.key: parse(question, given[question.key]) for question in asked}
    answers = {key: answer for key, answer in read.items() if isinstance(answer, Answer)}
    shown = visible_questions(survey, answers)
    faults = [_fault(key, _UNKNOWN) for key in given if survey.find_question(key) is None]
    for key in shown:
        refusal = read.get(key)
        if isinstance(refusal, Refusal):
            faults.append(_fault(key, refusal))
        elif complete and refusal is None and _is_required(survey, key):
            faults.append(_fault(key, _REQUIRED))
    return {key: answers[key] for key in shown if key in answers}, faults


_UNKNOWN = Refusal("unknown", "The survey has no such question.")
_REQUIRED = Refusal("required", "This question must be answered.")


def _fault(key: str, refusal: Refusal) -> Fault:
    return AnswerFault(f"/answers/{escape(key)}", refusal.detail, key, refusal.reason)


def _is_required(survey: Survey, key: str) -> bool:
    question = survey.find_question(key)
    return question is not None and question.is_required


def preselected(survey: Survey, score: str) -> dict[str, Answer]:
    """Read `?score=9` (the first scoring question) or `?score=<key>:<value>`; nonsense selects nothing."""
    key, separator, value = score.rpartition(":")
    question = survey.find_question(key) if separator else _first_scoring(survey)
    answer = type_of(question).parse_form(question, [value]) if question else None
    return {question.key: answer} if question and isinstance(answer, Answer) else {}


def _first_scoring(survey: Survey) -> Question | None:
    return next((question for question in survey.questions if question.is_scoring), None)


def scores(survey: Survey, answers: Mapping[str, Answer]) -> dict[str, int | None]:
    """The score of each metric, None where the survey does not ask or the customer did not answer.

    Of emotion it is the set of ranks as bits.
    """
    found: dict[str, int | None] = dict.fromkeys(METRICS)
    for question in survey.questions:
        metric = type_of(question).metric
        if metric and question.is_scoring and question.key in answers:
            number = answers[question.key].number
            found[metric] = None if number is None else int(number)
    return found


def comment(survey: Survey, answers: Mapping[str, Answer]) -> str | None:
    """The customer's own words: the first open question that was answered."""
    open_questions = [question.key for question in survey.questions if question.type == TextType.name]
    return next((answers[key].text for key in open_questions if key in answers), None)
