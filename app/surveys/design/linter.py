"""The linter: what a sound definition may still do badly. Errors hold a publication back unless somebody overrides.

Only what can be decided without reading the words is judged here: length, burden, and whether anybody asks why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.kernel.errors import Fault
from app.surveys.design.definition import Survey
from app.surveys.design.question_types.ces import CesType
from app.surveys.design.question_types.choice import ChoiceType
from app.surveys.design.question_types.text import TextType

SHORT_KINDS = ("transactional", "follow_up")
WARN_SHORT, MOST_SHORT = 5, 10
WARN_LONG, MOST_LONG = 15, 30
"""How many questions a survey after an interaction has at most, and how many one about the whole relationship."""

SOLVED = "solved"
SOLVED_OPTIONS = ("yes", "no")


@dataclass(frozen=True)
class Finding:
    """One thing to better; `question` is the key of the question it stands at, None for the whole survey."""

    rule: Literal["too_long", "long", "required_text", "no_why", "effort_of_what"]
    level: Literal["error", "warning"]
    pointer: str
    detail: str
    question: str | None = None
    limit: int = 0


def findings(kind: str, survey: Survey) -> list[Finding]:
    """What could be better about a survey of this kind, errors first; pointers begin at the definition."""
    return [*_length(kind, len(survey.questions)), *_burden(survey), *_why(survey), *_effort(kind, survey)]


def follow_up_faults(kind: str, survey: Survey) -> list[Fault]:
    """What keeps a follow-up survey from telling whether the case is solved."""
    if kind != "follow_up":
        return []
    question = survey.find_question(SOLVED)
    if question is None or question.type != ChoiceType.name:
        return [Fault("/questions", f'A follow-up survey has a choice question with the key "{SOLVED}".')]
    place = survey.questions.index(question)
    missing = [key for key in SOLVED_OPTIONS if question.find_option(key) is None]
    return [Fault(f"/questions/{place}/options", f'The option "{key}" is missing.') for key in missing]


def _length(kind: str, count: int) -> Iterator[Finding]:
    warn, most = (WARN_SHORT, MOST_SHORT) if kind in SHORT_KINDS else (WARN_LONG, MOST_LONG)
    if count > most:
        detail = f"L16: a {kind} survey has at most {most} questions; this one has {count}."
        yield Finding("too_long", "error", "/questions", detail, limit=most)
    elif count > warn:
        detail = f"L16: more than {warn} questions make customers give up half-way."
        yield Finding("long", "warning", "/questions", detail, limit=warn)


def _burden(survey: Survey) -> Iterator[Finding]:
    for place, question in enumerate(survey.questions):
        if question.type == TextType.name and question.is_required:
            detail = "L16: a required open question makes customers give up."
            yield Finding("required_text", "warning", f"/questions/{place}/required", detail, question.key)


def _why(survey: Survey) -> Iterator[Finding]:
    scored = any(question.is_scoring for question in survey.questions)
    if scored and not any(question.type == TextType.name for question in survey.questions):
        detail = "A score without an open question tells how much, but never why."
        yield Finding("no_why", "warning", "/questions", detail)


def _effort(kind: str, survey: Survey) -> Iterator[Finding]:
    """Effort is that of one occasion: asked about a whole relationship, nobody knows which one is meant."""
    for place, question in enumerate(survey.questions):
        if kind == "relationship" and question.type == CesType.name:
            detail = "An effort question belongs after an interaction: over a whole relationship it has no one effort."
            yield Finding("effort_of_what", "warning", f"/questions/{place}/type", detail, question.key)
